import type { VNode } from 'preact';

import type { FeedMessage } from '../../../domain/messages/event';
import { addresses } from './addresses';
import { FilterForm, orDash, type PageLinks, Pages, Table, Time } from './parts';

/** The content of the listing of messages. */
export interface MessagesShown extends PageLinks {
  readonly type: string | undefined;
  readonly subject: string | undefined;
  readonly messages: readonly FeedMessage[];
}

/** The feed of messages: what was told of every subject, the oldest of the page first. */
export function MessagesView({ type, subject, messages, next, first }: MessagesShown): VNode {
  return (
    <>
      <p>
        Every change of a subject’s state, in the order in which it was told. What of it was pushed to our own backend,
        and refused, is under <a href={addresses.deadMessages}>Dead messages</a>.
      </p>
      <FilterForm to={addresses.messages}>
        <div>
          <label for="type">Type, or order.*</label>
          <input id="type" name="type" type="text" value={type ?? ''} maxLength={100} autocomplete="off" />
        </div>
        <div>
          <label for="subject">Subject</label>
          <input id="subject" name="subject" type="text" value={subject ?? ''} maxLength={5000} autocomplete="off" />
        </div>
      </FilterForm>
      <Table
        caption="Oldest first"
        rows={messages}
        none="There are none."
        columns={[
          { label: 'Place', cell: ({ sequence }) => sequence },
          { label: 'Time', cell: ({ at }) => <Time at={at} /> },
          { label: 'Message', cell: (message) => message.type },
          { label: 'About', cell: (message) => <About message={message} /> },
          { label: 'State', cell: ({ data }) => (data === null ? 'erased' : orDash(wordOf(data.state))) },
          { label: 'Before', cell: ({ data }) => orDash(wordOf(data?.previousState)) },
          { label: 'Reason', cell: ({ data }) => orDash(wordOf(data?.reason)) },
        ]}
      />
      <Pages next={next} first={first} />
    </>
  );
}

/** Alerts are of no flow: their subject is only an id. */
function About({ message }: { readonly message: FeedMessage }): VNode {
  const { type, subject } = message;
  return type === 'alert.raised' ? <span>{subject}</span> : <a href={addresses.flow(subject)}>{subject}</a>;
}

function wordOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
