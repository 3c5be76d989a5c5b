import type { Context } from 'koa';

import { ProblemError } from '../operations/problems';
import type { BodyLimits } from '../server/raw-body';
import { endedCookie, isOverHttps } from './cookie';
import { isCrossSite } from './cross-site';
import { type Form, readForm } from './form';
import { idOf, type PageRoute, type Reply, routesAt } from './route';
import type { Session } from './session';
import { addresses } from './views/addresses';

const EMPTY_FORM: Form = { text: () => '', all: () => [] };

/** The problem of a form that was sent from another site. */
export const CROSS_SITE = new ProblemError(403, 'This form was sent from another site, so nothing was done.');

const FOREIGN_FORM = new ProblemError(
  403,
  'This form is not one of your session, so nothing was done. Go back, load the page again, and send it from there.',
);

/** True for a request that only reads. */
export function isLookedAt({ method }: Pick<Context, 'method'>): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** A 405, with the methods that are allowed. */
export function wrongMethod(allow: string): ProblemError {
  return new ProblemError(405, `Expected ${allow}.`, { headers: { allow } });
}

/** Rules by which forms are accepted. */
export interface FormRules {
  /** Under which address the world reaches us; null: only the one a request names. */
  readonly publicUrl: string | null;
  readonly bodies: BodyLimits;
}

/** A form is read and checked before anything is done; looking needs none. */
async function formOf(context: Context, session: Session, { publicUrl, bodies }: FormRules): Promise<Form> {
  if (isLookedAt(context)) return EMPTY_FORM;
  if (isCrossSite(context.req, publicUrl)) throw CROSS_SITE;
  const form = await readForm(context.req, bodies);
  if (!session.isFormToken(form.text('formToken'))) throw FOREIGN_FORM;
  return form;
}

/** The route of a request; throws 404, or 405 where the address is known. */
function routeOf(routes: readonly PageRoute[], context: Context) {
  const path = context.path === '/operations' ? addresses.overview : context.path;
  const here = routesAt(routes, path);
  if (here.length === 0) throw new ProblemError(404, 'There is no such page.');
  const method = isLookedAt(context) ? 'get' : context.method.toLowerCase();
  const found = here.find(({ route }) => route.method === method);
  if (found !== undefined) return found;
  throw wrongMethod(here.map(({ route }) => (route.method === 'get' ? 'GET, HEAD' : 'POST')).join(', '));
}

/** The reply to somebody who is logged in. */
export async function visit(
  routes: readonly PageRoute[],
  { context, session, now }: { readonly context: Context; readonly session: Session; readonly now: Date },
  rules: FormRules,
): Promise<Reply> {
  const { route, sentId } = routeOf(routes, context);
  const form = await formOf(context, session, rules);
  const { query } = context;
  return route.handle({ who: session.who, id: idOf(sentId), query, form, formToken: session.createFormToken(), now });
}

/** The route that takes the session away from the browser; `visit` has made sure that our own page asked. */
export function logOutPage(): PageRoute {
  return {
    method: 'post',
    path: addresses.logout,
    handle: () => Promise.resolve({ kind: 'redirect', to: addresses.login, endsSession: true }),
  };
}

/** The `Set-Cookie` that ends a session. */
export function endingCookie({ req }: Context, publicUrl: string | null): string {
  return endedCookie(isOverHttps(req, publicUrl));
}
