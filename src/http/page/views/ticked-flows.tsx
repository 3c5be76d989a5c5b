import type { ComponentChildren, VNode } from 'preact';

import { addresses } from './addresses';
import { ACTION_WORDS, FLOW_ACTIONS } from './flow-forms';
import { Choice, FormToken } from './parts';

/** A column in which flows are ticked, for the form around its table; a row without an open flow has nothing to tick. */
export function tickColumn<Row>(openFlowOf: (row: Row) => string | null): {
  readonly label: string;
  readonly cell: (row: Row) => ComponentChildren;
} {
  return {
    label: 'Ask',
    cell: (row) => {
      const workflowId = openFlowOf(row);
      if (workflowId === null) return '';
      return (
        <>
          <input type="hidden" name="shown" value={workflowId} />
          <label class="tick">
            <input type="checkbox" name="ticked" value={workflowId} aria-label={`Ask ${workflowId}`} />
          </label>
        </>
      );
    },
  };
}

/** A form around a table, by which an operator acts on the ticked flows or on all that can be ticked. */
export function TickedForm(props: {
  readonly count: number;
  /** Word for all that can be ticked. */
  readonly all?: string;
  readonly formToken: string;
  readonly children: ComponentChildren;
}): VNode {
  const { count, all = 'shown', formToken, children } = props;
  if (count === 0) return <>{children}</>;
  return (
    <form method="post" action={addresses.manyFlows}>
      <FormToken value={formToken} />
      {children}
      <div class="row">
        <Choice
          name="action"
          label="Ask of them"
          options={FLOW_ACTIONS.map((action) => [action, ACTION_WORDS[action].name])}
        />
        <button type="submit" name="which" value="ticked">
          The ticked ones …
        </button>
        <button type="submit" name="which" value="shown">
          {`All ${count} ${all} …`}
        </button>
      </div>
      <p class="quiet">Nothing is done before you have said why and confirmed.</p>
    </form>
  );
}
