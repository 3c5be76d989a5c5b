import type { VNode } from 'preact';

import { addresses } from './addresses';
import { ACTION_WORDS, ActionForm, type FlowAction } from './flow-forms';
import { Table } from './parts';
import { countWords } from './words';

/** The flows of an action that has not been done yet, with the form that confirms it. */
export function ConfirmView(props: {
  readonly action: FlowAction;
  readonly workflowIds: readonly string[];
  readonly formToken: string;
}): VNode {
  const { action, workflowIds, formToken } = props;
  const count = countWords(workflowIds.length, 'flow');
  return (
    <>
      <p>{`Nothing has been done yet. This will be asked of ${count}:`}</p>
      <ul>
        {workflowIds.map((workflowId) => (
          <li>
            <a href={addresses.flow(workflowId)}>{workflowId}</a>
          </li>
        ))}
      </ul>
      <ActionForm
        action={action}
        to={addresses.manyFlowsConfirmed}
        formToken={formToken}
        button={`${ACTION_WORDS[action].name} ${count}`}
      >
        {workflowIds.map((workflowId) => (
          <input type="hidden" name="ticked" value={workflowId} />
        ))}
      </ActionForm>
      <p>
        <a href={addresses.flows}>Leave them as they are</a>
      </p>
    </>
  );
}

/** The result of an action on one of many flows; `refused` is null where it was done. */
export interface Asked {
  readonly workflowId: string;
  readonly refused: string | null;
}

/** Results of an action on many flows. */
export function ResultView({ asked }: { readonly asked: readonly Asked[] }): VNode {
  const done = asked.filter(({ refused }) => refused === null).length;
  return (
    <>
      <p class={done === asked.length ? 'notice is-good' : 'notice is-bad'} role="status">
        {`${done} of ${countWords(asked.length, 'flow')} did as asked.`}
      </p>
      <Table
        caption="What became of each"
        rows={asked}
        none="Nothing was asked."
        columns={[
          { label: 'Flow', cell: ({ workflowId }) => <a href={addresses.flow(workflowId)}>{workflowId}</a> },
          {
            label: 'Result',
            cell: ({ refused }) =>
              refused === null ? <span class="good">done</span> : <span class="bad">{refused}</span>,
          },
        ]}
      />
      <p>
        <a href={addresses.flows}>Back to the overdue flows</a>
      </p>
    </>
  );
}
