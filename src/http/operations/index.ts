import Router from '@koa/router';
import type { Context } from 'koa';

import { errorCode } from '../../domain/error-code';
import type { BodyLimits } from '../server/raw-body';
import { readJsonBody } from './body';
import { auditOperations } from './audit';
import { deliveryOperations } from './deliveries';
import type { OperationsDependencies } from './dependencies';
import { erasureOperations } from './erasures';
import { expectationOperations } from './expectations';
import { flowActionOperations } from './flow-actions';
import { flowOperations } from './flows';
import { ledgerOperations } from './ledger';
import { openApiOf } from './open-api';
import { messageOperations } from './messages';
import { type Operation, withQuery } from './operation';
import { outboxOperations } from './outbox';
import { overviewOperations } from './overview';
import { badValue, problemBody, ProblemError } from './problems';
import { reportOperations } from './report';
import { searchOperations } from './search';
import { createTokenCheck } from './token';

/** Every route of the operations API. */
export function operationsOf(dependencies: OperationsDependencies): readonly Operation[] {
  const described = [
    ...overviewOperations(dependencies),
    ...deliveryOperations(dependencies),
    ...flowOperations(dependencies),
    ...flowActionOperations(dependencies),
    ...auditOperations(dependencies),
    ...expectationOperations(dependencies),
    ...ledgerOperations(dependencies),
    ...outboxOperations(dependencies),
    ...messageOperations(dependencies),
    ...searchOperations(dependencies),
    ...reportOperations(dependencies),
    ...erasureOperations(dependencies),
  ];
  const description: Operation = withQuery({
    method: 'get',
    path: '/operations/openapi.json',
    summary: 'This description.',
    answers: { 200: 'OpenApi' },
    query: {},
    handle: () => Promise.resolve({ status: 200, body: openApiOf([...described, description], dependencies.partners) }),
  });
  return [...described, description];
}

/** A part of the request target, decoded once. Throws a 400 for one that is not percent-encoded UTF-8. */
export function decodePart(part: string, field: 'path' | 'query'): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badValue({ path: field, expected: 'percent-encoded UTF-8', found: 'something else' });
  }
}

/** The parts that stand for `{…}`, taken from the path as it was sent: a router's own decoding hides malformed ones. */
function idsOf(operation: Operation, path: string): readonly string[] {
  const sent = path.split('/');
  return operation.path
    .split('/')
    .flatMap((part, index) => (part.startsWith('{') ? [decodePart(sent[index] ?? '', 'path')] : []));
}

const KEY = /^[\x21-\x7e]{1,200}$/;

/** The caller's name for a request that it may repeat; the header is the one that other services use for it. */
function keyOf({ req }: Context): string | null {
  const given = req.headersDistinct['idempotency-key'] ?? [];
  if (given.length === 0) return null;
  const [key = ''] = given;
  if (given.length === 1 && KEY.test(key)) return key;
  const expected = '1 to 200 printable characters without spaces, once';
  throw badValue({ path: 'Idempotency-Key', expected, found: 'something else' });
}

async function answer(operation: Operation, context: Context, bodies: BodyLimits): Promise<void> {
  // Node's own parser lets malformed encodings pass as they are: a filter would then silently match nothing.
  decodePart(context.querystring, 'query');
  const ids = idsOf(operation, context.path);
  const { status, body, file } = await operation.answer({
    who: String(context.state.who),
    id: ids[0] ?? '',
    ids,
    query: context.query,
    key: keyOf(context),
    readBody: () =>
      readJsonBody(context.req, { ...bodies, limitBytes: operation.largestBodyBytes ?? bodies.limitBytes }),
  });
  context.status = status;
  if (file !== undefined) showFile(context, file);
  context.body = body;
}

/** Headers of a body that is a file, to be kept rather than shown. */
export function showFile(context: Context, { name, type }: { readonly name: string; readonly type: string }): void {
  context.type = type;
  context.set('content-disposition', `attachment; filename="${name}"`);
}

function createRoutes(operations: readonly Operation[], { log, bodies }: OperationsDependencies): Router {
  const router = new Router({ sensitive: true, strict: true });
  for (const operation of operations) {
    const pattern = operation.path.replace(/\{(\w+)\}/g, ':$1');
    router[operation.method](pattern, async (context) => {
      await answer(operation, context, bodies);
      const who = String(context.state.who);
      if (operation.method === 'post')
        log.info({ who, route: operation.path, status: context.status }, 'operator acted');
    });
  }
  return router;
}

/** Throws where no route matches: 405 where the path exists under another method, else 404. */
function rejectUnrouted(router: Router, { path, method }: Context): void {
  const match = router.match(path, method);
  if (match.route) return;
  decodePart(path, 'path');
  const methods = [...new Set(match.path.flatMap((layer) => layer.methods))].sort();
  if (methods.length === 0) throw new ProblemError(404, 'no such route');
  const allow = methods.join(', ');
  throw new ProblemError(405, `expected ${allow}`, { headers: { allow } });
}

function send(context: Context, problem: ProblemError): void {
  context.status = problem.status;
  context.set({ ...problem.more.headers });
  context.body = problemBody(problem);
  context.type = 'application/problem+json';
}

const UNAUTHORISED = new ProblemError(401, 'expected a known bearer token', {
  headers: { 'www-authenticate': 'Bearer' },
});

/**
 * The problem that an error is answered with. A stranger learns nothing of a mistake of ours; the log names it
 * without its text, which may quote data.
 */
export function problemOf(error: unknown, log: OperationsDependencies['log']): ProblemError {
  if (error instanceof ProblemError) return error;
  const at = error instanceof Error ? error.stack?.split('\n').find((line) => line.startsWith('    at ')) : undefined;
  log.error({ failure: errorCode(error), at: at?.trim() }, 'an operations route failed');
  return new ProblemError(500, 'a mistake of ours; it has been logged');
}

/**
 * The middleware for everything below `/operations`. The token is checked before all else, also before unknown
 * routes, so that a stranger cannot find out which routes exist.
 */
export function createOperationsApi(dependencies: OperationsDependencies): ReturnType<Router['routes']> {
  const { tokens, log } = dependencies;
  const whose = createTokenCheck(tokens ?? new Map());
  const router = createRoutes(operationsOf(dependencies), dependencies);
  const routes = router.routes();
  return async (context, next) => {
    if (context.path !== '/operations' && !context.path.startsWith('/operations/')) {
      await next();
      return;
    }
    context.set('cache-control', 'no-store');
    try {
      if (tokens === null) throw new ProblemError(404, 'no such route');
      const who = whose(context.req);
      if (who === null) throw UNAUTHORISED;
      context.state.who = who;
      rejectUnrouted(router, context);
      await routes(context, () => Promise.resolve());
    } catch (error) {
      send(context, problemOf(error, log));
    }
  };
}
