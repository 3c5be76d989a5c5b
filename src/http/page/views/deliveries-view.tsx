import type { ComponentChildren, VNode } from 'preact';

import type { Partner } from '../../../domain/partner';
import type { Problem } from '../../../domain/problem';
import type { ShownAction } from '../../../store/audit';
import type { DeliveryDetail, DeliveryItem } from '../../../store/deliveries/list';
import type { RejectionItem } from '../../../store/deliveries/rejection-list';
import { addresses } from './addresses';
import {
  Ago,
  allOr,
  Choice,
  Facts,
  FilterForm,
  FormToken,
  GoodNotice,
  orDash,
  type PageLinks,
  Pages,
  RetryForm,
  Table,
  TextField,
  Time,
  WindowFields,
  type WindowShown,
} from './parts';

function ProblemWords({ problem }: { readonly problem: Problem | null }): VNode {
  if (problem === null) return <span>–</span>;
  return (
    <span>
      <code>{problem.path}</code>: expected {problem.expected}, found {problem.found}
    </span>
  );
}

/** The content of the listing of deliveries. */
export interface DeliveriesShown extends PageLinks {
  readonly status: string | undefined;
  readonly partner: string | undefined;
  readonly partners: readonly Partner[];
  readonly window: WindowShown;
  readonly deliveries: readonly DeliveryItem[];
  readonly now: Date;
  readonly formToken: string;
}

const STATUSES = ['parked', 'pending', 'delivered', 'duplicate'] as const;

/** Deliveries with their problem, and a button that gives a parked one to dispatch again. */
export function DeliveriesView(shown: DeliveriesShown): VNode {
  const { status, deliveries, next, first, now, formToken } = shown;
  return (
    <>
      <p>
        A parked delivery is authentic and kept, and nobody could act on it: its problem says where and why. Once that
        is mended, give it to dispatch again.
      </p>
      <FilterForm to={addresses.deliveries}>
        <Choice name="status" label="Status" options={allOr(STATUSES)} chosen={status ?? ''} />
        <Choice name="partner" label="Partner" options={allOr(shown.partners)} chosen={shown.partner ?? ''} />
        <WindowFields window={shown.window} />
      </FilterForm>
      <Table
        caption="Newest first"
        rows={deliveries}
        none="There are none."
        columns={[
          { label: 'Age', cell: ({ receivedAt }) => <Ago at={receivedAt} now={now} /> },
          { label: 'Partner', cell: ({ partner }) => partner },
          { label: 'Event', cell: ({ event, route }) => event ?? route },
          { label: 'Status', cell: ({ status: word, outcome }) => (outcome === null ? word : `${word}, ${outcome}`) },
          { label: 'Problem', cell: ({ problem }) => <ProblemWords problem={problem} /> },
          { label: 'Delivery', cell: ({ id }) => <a href={addresses.delivery(id)}>{id}</a> },
          {
            label: 'Act',
            cell: ({ id, status: word }) =>
              word === 'parked' ? <RetryForm id={id} to={addresses.retryDelivery(id)} formToken={formToken} /> : '–',
          },
        ]}
      />
      <Pages next={next} first={first} />
    </>
  );
}

/** One delivery, and what was just done to it. */
export interface OneDeliveryShown {
  readonly delivery: Omit<DeliveryDetail, 'bodyBase64'>;
  readonly actions: readonly ShownAction[];
  /** True where it is parked because nobody knows whether it moves an asset or money. */
  readonly isKindUnknown: boolean;
  readonly done: 'retry' | 'book' | null;
  readonly formToken: string;
}

function Kept({ delivery }: Pick<OneDeliveryShown, 'delivery'>): VNode {
  const { workflowId } = delivery;
  const facts: (readonly [string, ComponentChildren])[] = [
    ['Partner', delivery.partner],
    ['Route', delivery.route],
    ['Received', <Time at={delivery.receivedAt} />],
    ['Came as', delivery.source],
    ['Status', delivery.outcome === null ? delivery.status : `${delivery.status}, ${delivery.outcome}`],
    ['Event', orDash(delivery.event)],
    ['Problem', <ProblemWords problem={delivery.problem} />],
    ...delivery.unread.map((problem) => ['Left unread', <ProblemWords problem={problem} />] as const),
    ['Flow', workflowId === null ? '–' : <a href={addresses.flow(workflowId)}>{workflowId}</a>],
    ['Attempts', String(delivery.attempts)],
    ['SHA-256 of the body', <code>{delivery.bodySha256}</code>],
  ];
  return <Facts facts={facts} />;
}

/** One delivery with its headers and what operators did; its body, which names people, only the API gives. */
export function OneDeliveryView(shown: OneDeliveryShown): VNode {
  const { delivery, actions, isKindUnknown, done, formToken } = shown;
  return (
    <>
      {done === null ? null : <GoodNotice text={DONE_WORDS[done]} />}
      <Kept delivery={delivery} />
      {isKindUnknown ? <BookForm id={delivery.id} formToken={formToken} /> : null}
      {delivery.status === 'parked' ? (
        <RetryForm id={delivery.id} to={addresses.retryDelivery(delivery.id)} formToken={formToken} />
      ) : null}
      <h2>What operators did</h2>
      <Table
        caption="Oldest first"
        rows={actions}
        none="Nothing yet."
        columns={[
          { label: 'When', cell: ({ at }) => <Time at={at} /> },
          { label: 'Who', cell: ({ by }) => by },
          { label: 'What', cell: ({ action }) => action },
          { label: 'Why', cell: ({ reason }) => orDash(reason) },
        ]}
      />
      <h2>Headers</h2>
      <Table
        caption="As they were sent; credentials are redacted"
        rows={Object.entries(delivery.headers)}
        none="None."
        columns={[
          { label: 'Name', cell: ([name]) => <code>{name}</code> },
          { label: 'Value', cell: ([, value]) => <code>{value}</code> },
        ]}
      />
    </>
  );
}

const DONE_WORDS = { retry: 'Given to dispatch again.', book: 'Given to dispatch, to be booked.' } as const;

/** A form that books a delivery whose kind is unknown; whoever sends it has to say why. */
function BookForm({ id, formToken }: { readonly id: string; readonly formToken: string }): VNode {
  return (
    <form method="post" action={addresses.bookDelivery(id)}>
      <FormToken value={formToken} />
      <Choice
        name="as"
        label="It moves"
        options={[
          ['asset', 'an asset'],
          ['fiat', 'money'],
        ]}
      />
      <TextField id={`reason-${id}`} name="reason" label="Why" longest={500} />
      <p>
        <button type="submit">Book</button>
      </p>
    </form>
  );
}

/** Requests that were answered 401. */
export function RejectionsView(
  props: PageLinks & { readonly rejections: readonly RejectionItem[]; readonly now: Date },
): VNode {
  return (
    <>
      <p>
        Requests whose credentials or signature were wrong. Many of one partner at once: look whether its key or header
        is set as the partner has it.
      </p>
      <Table
        caption="Newest first; only a bounded number is kept, the balance counts them all"
        rows={props.rejections}
        none="There are none."
        columns={[
          { label: 'Age', cell: ({ at }) => <Ago at={at} now={props.now} /> },
          { label: 'At', cell: ({ at }) => <Time at={at} /> },
          { label: 'Partner', cell: ({ partner }) => partner },
          { label: 'Route', cell: ({ route }) => route },
          { label: 'Reason', cell: ({ reason }) => reason },
          { label: 'Bytes', cell: ({ bodyBytes }) => String(bodyBytes) },
        ]}
      />
      <Pages next={props.next} first={props.first} />
    </>
  );
}
