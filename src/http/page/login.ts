import { createTokenLookup } from '../operations/token';
import type { Form } from './form';
import type { GuessingGuard } from './guessing';
import { type Reply, screen } from './route';
import { addresses } from './views/addresses';
import { LoginView } from './views/login-view';

const OUR_PATH = /^\/operations\/[A-Za-z0-9._~%!$&'()*+,;=:@/?-]{0,1500}$/;

/** The path to go to after login: one of ours as it was sent, never another site. */
export function destinationOf(given: unknown): string {
  return typeof given === 'string' && OUR_PATH.test(given) ? given : addresses.overview;
}

/** The page that asks for the token. */
export function loginScreen(to: string, said: string | null, status: number): Reply {
  return screen('Log in', null, LoginView({ to, said }), status);
}

/** The result of a login. */
export type Login =
  | { readonly kind: 'in'; readonly who: string; readonly reply: Reply }
  | { readonly kind: 'out'; readonly reply: Reply };

const WRONG = 'This token is not known.';
const TOO_MANY = 'Too many wrong tokens came from your address just now. Try again in a moment.';

/** A check of the token in a login form. */
export function createLogin(tokens: ReadonlyMap<string, string>, guard: GuessingGuard) {
  const whose = createTokenLookup(tokens);
  return async function login(form: Form, address: string): Promise<Login> {
    const to = destinationOf(form.text('to'));
    if (!guard.mayTry(address)) return { kind: 'out', reply: loginScreen(to, TOO_MANY, 429) };
    const token = form.text('token').trim();
    const who = token === '' ? null : whose(token);
    if (who !== null) return { kind: 'in', who, reply: { kind: 'redirect', to } };
    await guard.afterWrong(address);
    return { kind: 'out', reply: loginScreen(to, WRONG, 401) };
  };
}
