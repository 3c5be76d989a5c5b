import type { VNode } from 'preact';

import { addresses } from './addresses';
import { BadNotice, TextField } from './parts';

/** The login form; `to` is where the browser was going. */
export function LoginView({ to, said }: { readonly to: string; readonly said: string | null }): VNode {
  return (
    <>
      {said === null ? null : <BadNotice text={said} />}
      <form class="narrow" method="post" action={addresses.login}>
        <input type="hidden" name="to" value={to} />
        <TextField id="token" name="token" type="password" label="Your operations token" longest={1_000} />
        <p>
          <button type="submit">Log in</button>
        </p>
      </form>
      <p class="quiet">
        Logged in already, and sent here by a link from somewhere else? <a href={to}>Go on</a>.
      </p>
    </>
  );
}

/** A problem that is shown instead of a page. */
export function ProblemView({ detail }: { readonly detail: string }): VNode {
  return (
    <>
      <BadNotice text={detail} />
      <p>
        <a href={addresses.overview}>To the overview</a>
      </p>
    </>
  );
}
