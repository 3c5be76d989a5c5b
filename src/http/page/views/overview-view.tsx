import type { VNode } from 'preact';

import type { Balance } from '../../../store/stats/balance';
import type { DeprecatedArrivals } from '../../../store/stats/deprecated';
import type { PartnerReliability, Waiting } from '../../../store/stats/partner';
import type { FlowItem } from '../../../store/flows/list';
import { addresses } from './addresses';
import { flowColumns } from './flow-parts';
import { FindForm } from './flows-view';
import { Table } from './parts';
import { countWords, durationWords, percentWords } from './words';

/** The content of the first page. */
export interface OverviewShown {
  readonly balance: Balance;
  readonly waiting: Waiting;
  readonly overdue: readonly FlowItem[];
  readonly partners: readonly PartnerReliability[];
  readonly deprecated: readonly DeprecatedArrivals[];
  readonly now: Date;
  /** Sentences that everybody has to see as long as they hold. */
  readonly notices: readonly string[];
}

interface CardShown {
  readonly count: string;
  /** True where `count` is a word, which needs more room. */
  readonly isWord?: true;
  readonly label: string;
  readonly to: string;
  /** True where somebody has to look; null: neither good nor bad. */
  readonly isBad: boolean | null;
}

/** A count with its noun, which is bad where there are any. */
function card(count: number, one: string, many: string, to: string): CardShown {
  return { count: String(count), label: count === 1 ? one : many, to, isBad: count > 0 };
}

function cardsOf({ balance, waiting }: OverviewShown): readonly CardShown[] {
  const { overdueFlows, openBreaks, unpaidObligations, overdueObligations, deadMessages } = waiting;
  const late = overdueObligations === 0 ? '' : `, ${overdueObligations} late`;
  const toPassOn = card(unpaidObligations, 'obligation', 'obligations', addresses.obligations);
  return [
    {
      count: balance.balanced ? 'Balanced' : 'Unbalanced',
      label: countWords(balance.received, 'delivery', 'deliveries'),
      to: '#balance',
      isBad: !balance.balanced,
      isWord: true,
    },
    card(overdueFlows, 'overdue flow', 'overdue flows', addresses.flows),
    card(balance.parked, 'parked delivery', 'parked deliveries', addresses.parked),
    card(openBreaks, 'break', 'breaks', addresses.breaks),
    { ...toPassOn, label: `${toPassOn.label} to pass on${late}`, isBad: overdueObligations > 0 },
    card(deadMessages, 'dead message', 'dead messages', addresses.deadMessages),
    { ...card(balance.rejected, 'refused request', 'refused requests', addresses.rejections), isBad: null },
  ];
}

function Cards(shown: OverviewShown): VNode {
  const kind = (isBad: boolean | null): string => (isBad === null ? '' : isBad ? 'is-bad' : 'is-good');
  return (
    <ul class="cards">
      {cardsOf(shown).map(({ count, label, to, isWord, isBad }) => (
        <li>
          <a href={to} class={kind(isBad)}>
            <strong class={isWord === true ? 'word' : ''}>{count}</strong> {label}
          </a>
        </li>
      ))}
    </ul>
  );
}

const RECEIVED = ['pending', 'duplicate', 'parked', 'delivered'] as const;
const DELIVERED = ['open', 'applied', 'repeated', 'late', 'illegal', 'abandoned'] as const;

function BalanceTable({ balance }: Pick<OverviewShown, 'balance'>): VNode {
  const sum = (names: readonly (keyof Balance)[]): string =>
    names.map((name) => `${name} ${String(balance[name])}`).join(' + ');
  const without = balance.openWithoutFlow;
  return (
    <>
      <h2 id="balance">Balance</h2>
      <p>
        {balance.balanced ? (
          <span class="good">Every delivery is accounted for.</span>
        ) : (
          <span class="bad">Not every delivery is accounted for.</span>
        )}
      </p>
      <ul>
        <li>{`received ${balance.received} = ${sum(RECEIVED)}`}</li>
        <li>{`delivered ${balance.delivered} = ${sum(DELIVERED)}`}</li>
        <li>
          {without === null
            ? 'open deliveries without a running flow: not known, Temporal does not answer'
            : `open deliveries without a running flow: ${without}`}
        </li>
        <li>{`beside it: refused ${balance.rejected}, recovered ${balance.recovered}`}</li>
      </ul>
    </>
  );
}

function Partners({ partners }: Pick<OverviewShown, 'partners'>): VNode {
  const delay = (durationMs: number | null): string => (durationMs === null ? '–' : durationWords(durationMs));
  return (
    <>
      <h2>Partners</h2>
      <Table
        caption="Since the first delivery; delays as of now"
        rows={partners}
        none="None."
        columns={[
          { label: 'Partner', cell: ({ partner }) => <a href={`${addresses.flows}?partner=${partner}`}>{partner}</a> },
          { label: 'Came', cell: ({ arrived }) => String(arrived) },
          { label: 'Lost', cell: ({ lost }) => String(lost) },
          { label: 'Loss rate', cell: ({ lossRate }) => (lossRate === null ? '–' : percentWords(lossRate)) },
          { label: 'Overdue', cell: ({ overdue }) => String(overdue) },
          { label: 'Median delay', cell: ({ medianDelayMs }) => delay(medianDelayMs) },
          { label: 'Longest delay', cell: ({ longestDelayMs }) => delay(longestDelayMs) },
        ]}
      />
      <p class="quiet">
        Lost: states and movements that an overdue read or a sweep told us first, because no webhook had. Loss rate:
        lost of all that should have come, which is lost and came together; repetitions of the same event are not
        counted. Delay: how long past its due time an overdue flow of the partner is.
      </p>
    </>
  );
}

/** Versions that a partner has replaced: while they come, its subscriptions are those of before. */
function Deprecated({ deprecated }: Pick<OverviewShown, 'deprecated'>): VNode | null {
  if (deprecated.length === 0) return null;
  return (
    <>
      <h2>Deprecated versions that still arrive</h2>
      <Table
        caption="What came last first"
        rows={deprecated}
        none="None."
        columns={[
          { label: 'Partner', cell: ({ partner }) => partner },
          { label: 'Event', cell: ({ event }) => event },
          { label: 'Came', cell: ({ count }) => String(count) },
          { label: 'Last on', cell: ({ lastDay }) => lastDay },
        ]}
      />
      <p class="quiet">
        The partner has replaced each of them by another version. They are understood; ask for the new one.
      </p>
    </>
  );
}

/** The first page: what is wrong, with a link to it. */
export function OverviewView(shown: OverviewShown): VNode {
  const { overdue, waiting, now } = shown;
  return (
    <>
      {shown.notices.map((notice) => (
        <p class="notice is-bad">{notice}</p>
      ))}
      <Cards {...shown} />
      <FindForm />
      <h2>Overdue flows</h2>
      <Table
        caption="What has waited longest first"
        rows={overdue}
        none="Nothing is overdue."
        columns={flowColumns(now)}
      />
      {waiting.overdueFlows > overdue.length ? (
        <p>
          <a href={addresses.flows}>{`All ${waiting.overdueFlows} overdue flows`}</a>
        </p>
      ) : null}
      <Partners {...shown} />
      <Deprecated {...shown} />
      <BalanceTable {...shown} />
    </>
  );
}
