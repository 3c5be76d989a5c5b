import type { ComponentChildren, VNode } from 'preact';

import { kindOf } from '../../../domain/lifecycles/kinds';
import type { StoryItem } from '../../../operator/subject-file/story';
import type { FlowDetail } from '../../../store/flows/list';
import { addresses } from './addresses';
import { ActionDetails } from './audit-view';
import { ACTION_WORDS, ActionForm, FLOW_ACTIONS, type FlowAction } from './flow-forms';
import { Due, Finding, FINDING_WORDS, TemporalLink } from './flow-parts';
import { Ago, Facts, GoodNotice, orDash, Table, Time } from './parts';

/** One flow, and the action that was just done. */
export interface OneFlowShown {
  readonly flow: FlowDetail;
  readonly story: readonly StoryItem[];
  readonly done: FlowAction | null;
  readonly now: Date;
  readonly formToken: string;
}

const DONE_WORDS: Readonly<Record<FlowAction, string>> = {
  refetch: 'Asked to read the object. What it finds stands here as soon as the flow has written it.',
  extend: 'Extended. The new due time stands here as soon as the flow has written it.',
  resolve: 'Resolved. The end stands here as soon as the flow has written it.',
};

function readingOf({ lastReading }: FlowDetail): ComponentChildren {
  if (lastReading === null) return 'not read yet';
  const { reading } = lastReading;
  return (
    <>
      {reading.kind === 'object' ? `status ${reading.status}` : reading.kind}, <Time at={lastReading.at} />
    </>
  );
}

/** Details of the partner beside the state; the reference is our own. */
function saidOf(flow: FlowDetail): readonly (readonly [string, ComponentChildren])[] {
  const { reason, changedAt, userId, reference, side, sandbox, amounts } = flow;
  const words = Object.entries({
    Reason: reason,
    Side: side,
    'Test domain': sandbox,
    User: userId,
    Reference: reference,
  });
  return [
    ...words.flatMap(([name, word]) => (word === null ? [] : [[name, word] as const])),
    ...(changedAt === null ? [] : [['Changed at the partner', changedAt] as const]),
    ...amounts.map(({ what, amount, unit }) => [what, unit === null ? amount : `${amount} ${unit}`] as const),
  ];
}

function Standing({ flow, now }: OneFlowShown): VNode {
  const corporateActionId = kindOf(flow.lifecycle).corporateActionIdOf(flow.objectId);
  const facts: (readonly [string, ComponentChildren])[] = [
    ['Lifecycle', `${flow.lifecycle}, ${flow.open ? 'open' : 'not open'}`],
    ...(corporateActionId === null
      ? []
      : [
          ['Corporate action', <a href={addresses.corporateAction(corporateActionId)}>{corporateActionId}</a>] as const,
        ]),
    ['State', orDash(flow.state)],
    ['Waits for', orDash(flow.waitingFor.join(', '))],
    ['Due', <Time at={flow.dueAt} />],
    ...(flow.overdue ? [['Late', <Due flow={flow} now={now} />] as const] : []),
    [
      'Finding',
      flow.finding === null ? (
        '–'
      ) : (
        <>
          <Finding finding={flow.finding} />: {FINDING_WORDS[flow.finding]}
        </>
      ),
    ],
    ['In this state since', <Time at={flow.since} />],
    ['Last read', readingOf(flow)],
    ...saidOf(flow),
    ...Object.entries(flow.facts),
    ...(flow.end === null
      ? []
      : [
          [
            'Ended',
            <>
              {orDash(flow.end.state)}, said by {flow.end.by}, <Time at={flow.end.at} />
            </>,
          ] as const,
        ]),
    ['As of', <Time at={flow.asOf} />],
  ];
  return <Facts facts={facts} />;
}

function Forms({ flow, formToken }: OneFlowShown): VNode | null {
  if (!flow.open || flow.lifecycle === 'recorded') return null;
  return (
    <>
      <h2>Act</h2>
      <div class="forms">
        {FLOW_ACTIONS.map((action) => (
          <ActionForm
            action={action}
            to={addresses.actOnFlow(flow.workflowId)}
            formToken={formToken}
            button={ACTION_WORDS[action].name}
          />
        ))}
      </div>
    </>
  );
}

function OperatorActions({ flow }: OneFlowShown): VNode {
  return (
    <>
      <h2>What operators did</h2>
      <Table
        caption="Oldest first"
        rows={flow.operatorActions}
        none="Nothing yet."
        columns={[
          { label: 'When', cell: ({ at }) => <Time at={at} /> },
          { label: 'Who', cell: ({ by }) => by },
          { label: 'What', cell: (action) => <ActionDetails action={action} /> },
          { label: 'Why', cell: ({ reason }) => orDash(reason) },
        ]}
      />
    </>
  );
}

function Past({ flow, now }: OneFlowShown): VNode {
  return (
    <>
      <h2>Findings</h2>
      <Table
        caption="What reads showed, oldest first"
        rows={flow.findings}
        none="None."
        columns={[
          { label: 'When', cell: ({ at }) => <Time at={at} /> },
          { label: 'Finding', cell: ({ finding }) => <Finding finding={finding} /> },
          { label: 'State then', cell: ({ state }) => orDash(state) },
          { label: 'Found', cell: ({ found }) => orDash(found) },
          { label: 'Times', cell: ({ count = 1 }) => count },
        ]}
      />
      <h2>Notifications</h2>
      <Table
        caption="What the partner sent, oldest first"
        rows={flow.notifications}
        none="None has come."
        columns={[
          { label: 'Received', cell: ({ at }) => <Time at={at} /> },
          { label: 'Ago', cell: ({ at }) => <Ago at={at} now={now} /> },
          { label: 'Event', cell: ({ event }) => orDash(event) },
          { label: 'Outcome', cell: ({ outcome }) => outcome ?? 'open' },
          { label: 'Delivery', cell: ({ deliveryId }) => <a href={addresses.delivery(deliveryId)}>{deliveryId}</a> },
        ]}
      />
    </>
  );
}

function Recurrences({ flow }: OneFlowShown): VNode | null {
  if (flow.recurrences.length === 0) return null;
  return (
    <>
      <h2>Recurrences</h2>
      <Table
        caption="Of the savings plan"
        rows={flow.recurrences}
        none="None."
        columns={[
          { label: 'Transaction', cell: ({ transactionId }) => transactionId },
          { label: 'State', cell: ({ state }) => state },
          { label: 'Deadline', cell: ({ deadline }) => orDash(deadline) },
          { label: 'Decision', cell: ({ decision }) => orDash(decision) },
          { label: 'Confirmed', cell: ({ confirmedAt }) => <Time at={confirmedAt} /> },
        ]}
      />
    </>
  );
}

const KIND_WORDS: Readonly<Record<StoryItem['kind'], string>> = {
  came: 'came',
  decided: 'was decided',
  folded: 'changed it',
  read: 'was read',
  found: 'was found',
  moved: 'was booked',
  owed: 'is owed to a user',
  told: 'was told to our backend',
  acted: 'an operator did',
  ended: 'ended',
};

function Story({ story }: OneFlowShown): VNode {
  return (
    <>
      <h2>The whole story</h2>
      <Table
        caption="In the order of time"
        rows={story}
        none="Nothing has happened yet."
        columns={[
          { label: 'When', cell: ({ at }) => <Time at={at} /> },
          { label: 'What', cell: ({ kind }) => KIND_WORDS[kind] },
          {
            label: 'In words',
            cell: ({ text, deliveryId }) =>
              deliveryId === null ? text : <a href={addresses.delivery(deliveryId)}>{text}</a>,
          },
        ]}
      />
    </>
  );
}

/** One flow: its state, the actions on it and who did which, and its notifications. */
export function OneFlowView(shown: OneFlowShown): VNode {
  const { flow, done } = shown;
  return (
    <>
      {done === null ? null : <GoodNotice text={DONE_WORDS[done]} />}
      <p>
        <TemporalLink url={flow.url} of={flow.workflowId} />{' '}
        <a href={addresses.evidence(flow.workflowId)}>All evidence as one file</a>
      </p>
      <Standing {...shown} />
      <Forms {...shown} />
      <OperatorActions {...shown} />
      <Recurrences {...shown} />
      <Past {...shown} />
      <Story {...shown} />
    </>
  );
}
