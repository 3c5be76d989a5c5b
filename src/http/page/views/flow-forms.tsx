import type { ComponentChildren, VNode } from 'preact';

import { Choice, FormToken, TextField } from './parts';

/** Actions of an operator on a flow. */
export const FLOW_ACTIONS = ['refetch', 'extend', 'resolve'] as const;
/** One of `FLOW_ACTIONS`. */
export type FlowAction = (typeof FLOW_ACTIONS)[number];

/** True for the name of an action. */
export function isFlowAction(name: string): name is FlowAction {
  return FLOW_ACTIONS.some((action) => action === name);
}

/** The name and a sentence for each action. */
export const ACTION_WORDS: Readonly<Record<FlowAction, { readonly name: string; readonly does: string }>> = {
  refetch: { name: 'Refetch', does: 'Reads the object at the partner now, and goes on from what it shows.' },
  extend: { name: 'Extend', does: 'Gives the partner more time: what is owed is due that long from now.' },
  resolve: { name: 'Resolve', does: 'Ends the flow by hand; its state stays what the partner said last.' },
};

const UNITS = [
  ['3600', 'hours'],
  ['60', 'minutes'],
  ['86400', 'days'],
] as const;

function Extras({ action }: { readonly action: FlowAction }): VNode | null {
  switch (action) {
    case 'refetch':
      return null;
    case 'extend':
      return (
        <div class="row">
          <div>
            <label for="extend-amount">How long</label>
            <input id="extend-amount" name="amount" type="number" min="1" max="100000" step="any" required value="4" />
          </div>
          <Choice id="extend-unit" name="unitSeconds" label="Unit" options={UNITS} />
        </div>
      );
    case 'resolve':
      return (
        <Choice
          id="resolve-result"
          name="result"
          label="How it ended"
          options={[
            ['done', 'done: what was owed has happened'],
            ['failed', 'failed: it will not happen'],
          ]}
        />
      );
  }
}

const LONGEST_REASON = 500;

/** The form of one action, for one flow or for many. */
export function ActionForm(props: {
  readonly action: FlowAction;
  readonly to: string;
  readonly formToken: string;
  readonly button: string;
  /** The other fields of the form. */
  readonly children?: ComponentChildren;
}): VNode {
  const { action, to, formToken, button, children } = props;
  return (
    <form method="post" action={to}>
      <fieldset>
        <legend>{ACTION_WORDS[action].name}</legend>
        <FormToken value={formToken} />
        <input type="hidden" name="action" value={action} />
        {children}
        <p class="quiet">{ACTION_WORDS[action].does}</p>
        <Extras action={action} />
        <TextField id={`${action}-reason`} name="reason" label="Why" longest={LONGEST_REASON} />
        <p>
          <button type="submit" class={action === 'resolve' ? 'grave' : ''}>
            {button}
          </button>
        </p>
      </fieldset>
    </form>
  );
}
