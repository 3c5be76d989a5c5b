import { createHash } from 'node:crypto';
import { STATUS_CODES } from 'node:http';

import type Router from '@koa/router';
import type { Context } from 'koa';

import { problemOf, showFile } from '../operations';
import type { OperationsDependencies } from '../operations/dependencies';
import type { ProblemError } from '../operations/problems';
import { createAct } from './acting';
import { isOverHttps, sessionCookie, sessionCookiesOf } from './cookie';
import { isCrossSite } from './cross-site';
import { deliveryPages } from './delivery-pages';
import { flowPages } from './flow-pages';
import { readForm } from './form';
import { createGuessingGuard, GUESSING_LIMITS, type GuessingLimits } from './guessing';
import { ledgerPages } from './ledger-pages';
import { createLogin, destinationOf, type Login, loginScreen } from './login';
import { messagePages } from './message-pages';
import { outboxPages } from './outbox-pages';
import { overviewPages } from './overview-pages';
import { type PageRoute, type Reply, screen } from './route';
import { reportPages } from './report-pages';
import { searchPages } from './search-pages';
import { createSessions, type Session, type Sessions } from './session';
import { addresses } from './views/addresses';
import { documentOf } from './views/layout';
import { ProblemView } from './views/login-view';
import { STYLE } from './views/style';
import { CROSS_SITE, endingCookie, type FormRules, isLookedAt, logOutPage, visit, wrongMethod } from './visits';

/** Options of the operations page. */
export interface PageOptions {
  /** Under which address the world reaches us; null: only the one a request names. */
  readonly publicUrl: string | null;
  readonly guessing?: GuessingLimits;
}

/** The parts that respond to a request. */
interface Parts extends FormRules {
  readonly routes: readonly PageRoute[];
  readonly sessions: Sessions;
  readonly login: ReturnType<typeof createLogin>;
  readonly log: OperationsDependencies['log'];
}

interface Asked {
  readonly context: Context;
  /** Of whoever is logged in; null for a stranger. */
  readonly session: Session | null;
  readonly now: Date;
}

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Not `no-referrer`: with it browsers send `Origin: null` with our own forms, which also comes with forms of other sites.
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

const STYLE_VERSION = createHash('sha256').update(STYLE).digest('hex').slice(0, 16);

function send({ context, session, now }: Asked, reply: Reply): void {
  if (reply.kind === 'redirect') {
    context.set('location', reply.to);
    context.body = null;
    // 303: whatever was sent, the browser now only looks, and loading again does nothing twice. Koa made it 204.
    context.status = 303;
    return;
  }
  if (reply.kind === 'file') {
    showFile(context, reply);
    context.body = reply.content;
    return;
  }
  const { title, place, content } = reply;
  const who = session?.who ?? null;
  const formToken = session?.createFormToken() ?? '';
  context.status = reply.status;
  if (reply.status === 401) context.set('www-authenticate', 'Bearer');
  context.type = 'text/html; charset=utf-8';
  context.body = documentOf({ title, place, content, now, styleVersion: STYLE_VERSION, who, formToken });
}

function sendStyle(context: Context): void {
  context.set('cache-control', 'private, max-age=3600');
  context.type = 'text/css; charset=utf-8';
  context.body = STYLE;
}

function sentenceOf({ message }: ProblemError): string {
  const whole = message.charAt(0).toUpperCase() + message.slice(1);
  return whole.endsWith('.') ? whole : `${whole}.`;
}

function sendProblem(asked: Asked, problem: ProblemError): void {
  asked.context.set({ ...problem.more.headers });
  const title = STATUS_CODES[problem.status] ?? 'Error';
  send(asked, screen(title, null, ProblemView({ detail: sentenceOf(problem) }), problem.status));
}

async function attempt({ login, publicUrl, bodies }: Parts, { req }: Context): Promise<Login> {
  if (isCrossSite(req, publicUrl)) throw CROSS_SITE;
  return login(await readForm(req, bodies), req.socket.remoteAddress ?? '');
}

async function answerLogin(parts: Parts, asked: Asked): Promise<void> {
  const { context } = asked;
  const stranger = { ...asked, session: null };
  if (isLookedAt(context)) {
    send(stranger, loginScreen(destinationOf(context.query.to), null, 200));
    return;
  }
  if (context.method !== 'POST') throw wrongMethod('GET, HEAD, POST');
  const result = await attempt(parts, context);
  if (result.kind === 'in') {
    parts.log.info({ who: result.who }, 'operator logged in');
    context.set(
      'set-cookie',
      sessionCookie(parts.sessions.open(result.who), isOverHttps(context.req, parts.publicUrl)),
    );
  }
  send(stranger, result.reply);
}

const SESSION_OVER = 'You are not logged in, or your session is over, so nothing was done.';

/** A stranger learns of no page whether it exists: all of them lead to the login. */
function answerStranger(asked: Asked): void {
  if (isLookedAt(asked.context)) {
    const to = new URLSearchParams({ to: destinationOf(asked.context.url) }).toString();
    send(asked, { kind: 'redirect', to: `${addresses.login}?${to}` });
  } else send(asked, loginScreen(addresses.overview, SESSION_OVER, 401));
}

async function answer(parts: Parts, asked: Asked): Promise<void> {
  const { context, session, now } = asked;
  if (context.path === addresses.style && isLookedAt(context)) sendStyle(context);
  else if (context.path === addresses.login) await answerLogin(parts, asked);
  else if (session === null) answerStranger(asked);
  else {
    const reply = await visit(parts.routes, { context, session, now }, parts);
    if (reply.kind === 'redirect' && reply.endsSession === true)
      context.set('set-cookie', endingCookie(context, parts.publicUrl));
    send(asked, reply);
  }
}

const OURS = /^\/operations(?:\/|\/page|\/page\/.*)?$/;

/**
 * True for what is the page's to answer. A program that shows a token, or asks for anything but HTML without a session,
 * gets the API's own response.
 */
function isForPage({ path, headers }: Context, session: Session | null): boolean {
  // Only our own kind of token: a proxy that asks for a password of its own sends that along.
  if (!OURS.test(path) || /^bearer\b/i.test(headers.authorization ?? '')) return false;
  if (path === addresses.style || path === addresses.login) return true;
  return session !== null || (headers.accept ?? '').includes('text/html');
}

function sessionOf(sessions: Sessions, { req }: Context): Session | null {
  const found = sessionCookiesOf(req).map((cookie) => sessions.read(cookie));
  return found.find((session) => session !== null) ?? null;
}

/**
 * The operations page: HTML for people below `/operations/` and `/operations/page/`, without a script. Everything but
 * the login and the stylesheet requires a session; a form requires its token as well, and that the browser names our
 * own site.
 */
export function createOperationsPage(
  dependencies: OperationsDependencies,
  { publicUrl, guessing = GUESSING_LIMITS }: PageOptions,
): ReturnType<Router['routes']> {
  const { tokens, bodies, log } = dependencies;
  if (tokens === null) return (_context, next) => next();
  const act = createAct(dependencies);
  const parts: Parts = {
    routes: [
      ...overviewPages(dependencies),
      ...flowPages(dependencies, act),
      ...deliveryPages(dependencies, act),
      ...messagePages(dependencies),
      ...outboxPages(dependencies, act),
      ...searchPages(dependencies),
      ...reportPages(dependencies),
      ...ledgerPages(dependencies, act),
      logOutPage(),
    ],
    sessions: createSessions(tokens),
    login: createLogin(tokens, createGuessingGuard(guessing)),
    publicUrl,
    bodies,
    log,
  };
  return async (context, next) => {
    const session = sessionOf(parts.sessions, context);
    if (!isForPage(context, session)) {
      await next();
      return;
    }
    const asked = { context, session, now: new Date() };
    context.set(HEADERS);
    try {
      await answer(parts, asked);
    } catch (error) {
      sendProblem(asked, problemOf(error, log));
    }
  };
}
