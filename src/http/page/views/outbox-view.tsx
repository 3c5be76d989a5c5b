import type { VNode } from 'preact';

import { OUTBOX_STATES, type OutboxState } from '../../../domain/outgoing';
import type { OutboxItem } from '../../../store/outbox/list';
import { addresses } from './addresses';
import {
  Ago,
  allOr,
  Choice,
  FilterForm,
  GoodNotice,
  orDash,
  type PageLinks,
  Pages,
  RetryForm,
  Table,
  Time,
} from './parts';

/** Outcomes are of a flow, or of a recorded subject; alerts are of a partner, and their subject is only an id. */
function About({ message }: { readonly message: OutboxItem }): VNode {
  const { target, subject } = message;
  return target === 'outcomes' ? <a href={addresses.flow(subject)}>{subject}</a> : <span>{subject}</span>;
}

/** The content of the listing of messages. */
export interface OutboxShown extends PageLinks {
  readonly state: OutboxState | undefined;
  readonly messages: readonly OutboxItem[];
  /** True where one was just retried. */
  readonly done: boolean;
  readonly now: Date;
  readonly formToken: string;
}

/** Messages with the failure of their last try, and a button that has a dead one sent again. */
export function OutboxView({ state, messages, done, next, first, now, formToken }: OutboxShown): VNode {
  return (
    <>
      {done ? <GoodNotice text="It waits to be sent again." /> : null}
      <p>
        A dead message was refused for about two days and given up: our own backend was not told of an outcome, or
        nobody of an alert. It is kept. Once the receiver is mended, retry it.
      </p>
      <FilterForm to={addresses.outbox}>
        <Choice name="state" label="State" options={allOr(OUTBOX_STATES)} chosen={state ?? ''} />
      </FilterForm>
      <Table
        caption="Newest first"
        rows={messages}
        none="There are none."
        columns={[
          { label: 'Age', cell: ({ createdAt }) => <Ago at={createdAt} now={now} /> },
          { label: 'Message', cell: ({ type }) => type },
          { label: 'About', cell: (message) => <About message={message} /> },
          { label: 'State', cell: ({ state: word }) => word },
          { label: 'Tries', cell: ({ attempts }) => String(attempts) },
          { label: 'Last failure', cell: ({ lastFailure }) => orDash(lastFailure) },
          { label: 'Given up', cell: ({ deadAt }) => <Time at={deadAt} /> },
          { label: 'Id', cell: ({ id }) => <code>{id}</code> },
          {
            label: 'Act',
            cell: ({ id, state: word }) =>
              word === 'dead' ? <RetryForm id={id} to={addresses.retryMessage(id)} formToken={formToken} /> : '–',
          },
        ]}
      />
      <Pages next={next} first={first} />
    </>
  );
}
