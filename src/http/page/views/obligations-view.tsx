import type { VNode } from 'preact';

import { OBLIGATION_STATES } from '../../../domain/obligation';
import type { ObligationItem } from '../../../store/ledger/obligations';
import { addresses } from './addresses';
import {
  allOr,
  Choice,
  FilterForm,
  FormToken,
  GoodNotice,
  orDash,
  type PageLinks,
  Pages,
  Table,
  TextField,
  Time,
} from './parts';
import { durationWords } from './words';

/** Choices of obligations to list. */
export const OBLIGATION_CHOICES = ['overdue', ...OBLIGATION_STATES] as const;

function StateWords({ obligation, now }: { readonly obligation: ObligationItem; readonly now: Date }): VNode {
  const { state, dueAt, paidBy, reference, paidAt } = obligation;
  switch (state) {
    case 'paid':
      return (
        <span>
          {`paid, said by ${orDash(paidBy)}, reference ${orDash(reference)}, `}
          <Time at={paidAt} />
        </span>
      );
    case 'cancelled':
      return <span>cancelled: the partner took the money back</span>;
    case 'held':
      return <Owed words="held: its set is in break" lateMs={now.getTime() - Date.parse(dueAt)} />;
    case 'open':
      return <Owed words="open" lateMs={now.getTime() - Date.parse(dueAt)} />;
  }
}

function Owed({ words, lateMs }: { readonly words: string; readonly lateMs: number }): VNode {
  return lateMs > 0 ? <span class="bad">{`${words}, ${durationWords(lateMs)} late`}</span> : <span>{words}</span>;
}

function isOwed({ state }: ObligationItem): boolean {
  return state === 'open' || state === 'held';
}

function PaidForm({
  obligation,
  formToken,
}: {
  readonly obligation: ObligationItem;
  readonly formToken: string;
}): VNode {
  const { id } = obligation;
  return (
    <form method="post" action={addresses.payObligation(id)}>
      <FormToken value={formToken} />
      <TextField id={`reference-${id}`} name="reference" label="Reference of the payment" longest={200} />
      <p>
        <button type="submit">Mark as paid</button>
      </p>
    </form>
  );
}

/** The content of the listing of obligations. */
export interface ObligationsShown extends PageLinks {
  readonly show: string | undefined;
  readonly obligations: readonly ObligationItem[];
  readonly done: boolean;
  readonly now: Date;
  readonly formToken: string;
}

/** Money that is to be passed on to users, each with a form that marks it as paid. */
export function ObligationsView(shown: ObligationsShown): VNode {
  const { show, obligations, next, first, done, now, formToken } = shown;
  return (
    <>
      {done ? <GoodNotice text="Marked as paid." /> : null}
      <p>
        Money of corporate actions that has reached our corporate wallet and is to be passed on to a user. Held: the set
        it belongs to is in break, look there first. Cancelled: the partner took it back, nothing is owed. Marking as
        paid moves no money, it says that you moved it.
      </p>
      <FilterForm to={addresses.obligations}>
        <Choice name="show" label="Show" options={allOr(OBLIGATION_CHOICES)} chosen={show ?? ''} />
      </FilterForm>
      <Table
        caption="Newest first"
        rows={obligations}
        none="There are none."
        columns={[
          { label: 'User', cell: ({ userId }) => userId },
          { label: 'Amount', cell: ({ amount, instrument }) => `${amount} ${instrument}` },
          {
            label: 'Action',
            cell: ({ caId }) => (caId === null ? '–' : <a href={addresses.corporateAction(caId)}>{caId}</a>),
          },
          { label: 'Due', cell: ({ dueAt }) => <Time at={dueAt} /> },
          { label: 'State', cell: (obligation) => <StateWords obligation={obligation} now={now} /> },
          {
            label: 'Act',
            cell: (obligation) =>
              isOwed(obligation) ? <PaidForm obligation={obligation} formToken={formToken} /> : '–',
          },
        ]}
      />
      <Pages next={next} first={first} />
    </>
  );
}
