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
        <a href={listOf(workflowIds).to}>Leave them as they are</a>
      </p>
    </>
  );
}

/** The list from which flows were chosen: that of their corporate action, where they are sets of one. */
function listOf(workflowIds: readonly string[]): { readonly to: string; readonly words: string } {
  const actions = new Set(workflowIds.map((id) => SET.exec(id)?.[1] ?? null));
  const [id = null] = actions;
  if (actions.size !== 1 || id === null) return { to: addresses.flows, words: 'overdue flows' };
  return { to: addresses.corporateAction(id), words: 'corporate action' };
}

/** Workflow id of a set, with the id of its corporate action, where that is not encoded. */
const SET = /^[^:]+:corporate-action:([^:%]+):/;

/** The result of an action on one of many flows; `refused` is null where it was done. */
export interface Asked {
  readonly workflowId: string;
  readonly refused: string | null;
}

/** Results of an action on many flows. */
export function ResultView({ asked }: { readonly asked: readonly Asked[] }): VNode {
  const back = listOf(asked.map(({ workflowId }) => workflowId));
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
        <a href={back.to}>{`Back to the ${back.words}`}</a>
      </p>
    </>
  );
}
