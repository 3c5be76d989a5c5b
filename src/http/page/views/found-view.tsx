import type { VNode } from 'preact';

import type { Found, FoundKind } from '../../../store/search';
import { addresses } from './addresses';
import { flowColumns } from './flow-parts';
import { Ago, orDash, Table, Time } from './parts';

/** Things that were found, and the text that was searched for. */
export interface FoundShown {
  readonly text: string;
  readonly found: Found;
  readonly now: Date;
}

const WORDS: Readonly<Record<FoundKind, string>> = {
  subjects: 'subjects',
  deliveries: 'deliveries',
  movements: 'movements',
  obligations: 'obligations',
};

function Subjects({ found, now }: FoundShown): VNode | null {
  if (found.subjects.length === 0) return null;
  return (
    <>
      <h2>Subjects</h2>
      <Table caption="Whole ids first" columns={flowColumns(now)} rows={found.subjects} none="None." />
    </>
  );
}

function Deliveries({ found, now }: FoundShown): VNode | null {
  if (found.deliveries.length === 0) return null;
  return (
    <>
      <h2>Deliveries</h2>
      <Table
        caption="Newest first"
        rows={found.deliveries}
        none="None."
        columns={[
          { label: 'Age', cell: ({ receivedAt }) => <Ago at={receivedAt} now={now} /> },
          { label: 'Event', cell: ({ event, route }) => event ?? route },
          { label: 'Status', cell: ({ status, outcome }) => (outcome === null ? status : `${status}, ${outcome}`) },
          {
            label: 'Flow',
            cell: ({ workflowId }) =>
              workflowId === null ? '–' : <a href={addresses.flow(workflowId)}>{workflowId}</a>,
          },
          { label: 'Delivery', cell: ({ id }) => <a href={addresses.delivery(id)}>{id}</a> },
        ]}
      />
    </>
  );
}

function Movements({ found }: FoundShown): VNode | null {
  if (found.movements.length === 0) return null;
  return (
    <>
      <h2>Movements</h2>
      <Table
        caption="Whole ids first"
        rows={found.movements}
        none="None."
        columns={[
          {
            label: 'Transaction',
            cell: ({ transactionId, workflowId }) => <a href={addresses.flow(workflowId)}>{transactionId}</a>,
          },
          { label: 'Type', cell: ({ type }) => type },
          { label: 'User', cell: ({ userId }) => <a href={addresses.searchFor(userId)}>{userId}</a> },
          { label: 'Instrument', cell: ({ instrument }) => instrument },
          { label: 'Amount', cell: ({ amount }) => amount },
          { label: 'Credited', cell: ({ creditedAt }) => <Time at={creditedAt} /> },
          {
            label: 'Corporate action',
            cell: ({ caId }) => (caId === null ? '–' : <a href={addresses.corporateAction(caId)}>{caId}</a>),
          },
        ]}
      />
    </>
  );
}

function Obligations({ found }: FoundShown): VNode | null {
  if (found.obligations.length === 0) return null;
  return (
    <>
      <h2>Obligations</h2>
      <Table
        caption="Newest first"
        rows={found.obligations}
        none="None."
        columns={[
          { label: 'User', cell: ({ userId }) => <a href={addresses.searchFor(userId)}>{userId}</a> },
          { label: 'Instrument', cell: ({ instrument }) => instrument },
          { label: 'Amount', cell: ({ amount }) => amount },
          { label: 'State', cell: ({ state }) => state },
          { label: 'Due', cell: ({ dueAt }) => <Time at={dueAt} /> },
          { label: 'Paid under', cell: ({ reference }) => orDash(reference) },
          { label: 'Id', cell: ({ id }) => <code>{id}</code> },
        ]}
      />
    </>
  );
}

/** Things found by one text, with links to each. */
export function FoundView(shown: FoundShown): VNode {
  const { found, text } = shown;
  const { subjects, deliveries, movements, obligations, more } = found;
  if (subjects.length + deliveries.length + movements.length + obligations.length === 0)
    return (
      <p>
        Nothing was found for <code>{text}</code>. A user’s id and our reference are found as a whole, a partner’s id
        also by its beginning.
      </p>
    );
  return (
    <>
      {more.length === 0 ? null : (
        <p class="quiet">{`There are more ${more.map((kind) => WORDS[kind]).join(', ')}: search for more of the id.`}</p>
      )}
      <Subjects {...shown} />
      <Movements {...shown} />
      <Obligations {...shown} />
      <Deliveries {...shown} />
    </>
  );
}
