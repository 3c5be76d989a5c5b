import { canonicalParts } from '../domain/canonical-id';
import { mapConcurrently } from '../lib/concurrency';
import { createOperators, type OperatorAction, type OperatorAnswer } from '../operator/actions';
import { PARTNERS } from '../partners';
import { isLifecycle } from '../domain/lifecycle';
import { type FindingKind, FINDINGS } from '../domain/subject';
import { openFlowIds, type OpenFlowFilter } from '../store/flows/open';
import { openTemporalClient } from '../temporal/client';
import { type OperatorContext, withStore } from './context';
import { EXIT, type ExitCode } from './exit-codes';
import { complain, counted, say } from './output';
import { whoami } from './whoami';

/** Which flows, and whether only to say which. */
export interface OperateOptions {
  readonly filter?: string;
  readonly dryRun?: boolean;
  readonly reason: string;
}

/** What is asked of each flow, without who asks and why. */
export type Asked =
  | { readonly kind: 'refetch' }
  | { readonly kind: 'extend'; readonly seconds: number }
  | { readonly kind: 'resolve'; readonly result: 'done' | 'failed' };

const AT_ONCE = 8;
const PROGRESS_EVERY = 100;

const EXPECTED = `words such as overdue=true,partner=${PARTNERS.names[0] ?? ''},lifecycle=order,finding=slow,waiting=settle, joined by commas`;

function isFinding(word: string): word is FindingKind {
  return FINDINGS.some((one) => one === word);
}

/** The words of a filter; null for what is none. */
export function readFilter(text: string): OpenFlowFilter | null {
  const words = text.split(',').map((word) => word.split('=').map((part) => part.trim()));
  let filter: OpenFlowFilter = {};
  for (const [name, value = '', ...rest] of words) {
    if (rest.length > 0 || value === '') return null;
    if (name === 'partner' && PARTNERS.names.includes(value)) filter = { ...filter, partner: value };
    else if (name === 'lifecycle' && isLifecycle(value)) filter = { ...filter, lifecycle: value };
    else if (name === 'finding' && isFinding(value)) filter = { ...filter, finding: value };
    else if (name === 'overdue' && (value === 'true' || value === 'false'))
      filter = { ...filter, overdue: value === 'true' };
    else if (name === 'waiting') filter = { ...filter, waitingFor: value };
    else return null;
  }
  return filter;
}

function actionOf(asked: Asked, by: string, reason: string): OperatorAction {
  return { ...asked, by, reason };
}

const FAILURES: Readonly<Record<Exclude<OperatorAnswer['kind'], 'done' | 'refused'>, string>> = {
  ended: 'has ended, or is no flow that runs',
  'no-worker': 'got no answer within 10 s: do workers run?',
};

function tell(id: string, answer: OperatorAnswer): boolean {
  if (answer.kind === 'done') say(`${id} done`);
  else complain(`${id} ${answer.kind === 'refused' ? `refused: ${answer.detail}` : FAILURES[answer.kind]}`);
  return answer.kind === 'done';
}

async function operateAll(
  { configuration, database }: OperatorContext,
  ids: readonly string[],
  action: OperatorAction,
): Promise<ExitCode> {
  const temporal = openTemporalClient(configuration);
  const operate = createOperators(temporal.client, database);
  let done = 0;
  let failed = 0;
  try {
    await mapConcurrently(ids, AT_ONCE, async (id) => {
      if (tell(id, await operate(id, action))) done += 1;
      else failed += 1;
      if ((done + failed) % PROGRESS_EVERY === 0) complain(`${done + failed} of ${ids.length}`);
    });
  } finally {
    await temporal.close();
  }
  if (ids.length > 1) say(`${counted(done, 'flow', 'flows')} done, ${failed} failed.`);
  return failed > 0 ? EXIT.found : EXIT.done;
}

/** `partnerflow refetch|extend|resolve`: one flow, several, or all that a filter names; each is kept with who asked and why. */
export async function operate(given: readonly string[], asked: Asked, options: OperateOptions): Promise<ExitCode> {
  const filter = options.filter === undefined ? null : readFilter(options.filter);
  if (options.filter !== undefined && filter === null) {
    complain(`--filter: expected ${EXPECTED}, found ${options.filter}`);
    return EXIT.wrongUse;
  }
  if ((filter === null) === (given.length === 0)) {
    complain('Expected workflow ids or --filter, one of the two.');
    return EXIT.wrongUse;
  }
  return withStore(async (context) => {
    const ids = filter === null ? given.map(canonicalParts) : await openFlowIds(context.database, filter);
    if (options.dryRun === true) {
      for (const id of ids) say(id);
      complain(`${counted(ids.length, 'flow', 'flows')} would be asked.`);
      return EXIT.done;
    }
    return operateAll(context, ids, actionOf(asked, whoami(), options.reason));
  });
}
