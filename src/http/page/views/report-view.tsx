import type { VNode } from 'preact';

import type { Partner } from '../../../domain/partner';
import type { Report, ReportItem, ReportSlot } from '../../../store/report';
import { addresses } from './addresses';
import { flowColumns } from './flow-parts';
import { allOr, Choice, Facts, FilterForm, orDash, Table, Time } from './parts';
import { countWords } from './words';

/** A report, and the form that asks for one. */
export interface ReportShown {
  readonly report: Report;
  readonly partner: string | undefined;
  readonly partners: readonly Partner[];
  readonly from: string;
  readonly to: string;
  readonly now: Date;
}

function Form({ partner, partners, from, to }: ReportShown): VNode {
  return (
    <FilterForm to={addresses.report}>
      <Choice name="partner" label="Partner" options={allOr(partners)} chosen={partner ?? ''} />
      {(
        [
          ['from', 'From (UTC)', from],
          ['to', 'To (UTC)', to],
        ] as const
      ).map(([name, label, value]) => (
        <div>
          <label for={name}>{label}</label>
          <input
            id={name}
            name={name}
            value={value}
            maxLength={40}
            placeholder="2026-11-30T08:00Z"
            autocomplete="off"
          />
        </div>
      ))}
    </FilterForm>
  );
}

const SERIES = ['came', 'lost', 'recovered', 'late'] as const;
/** Height of the highest bar, and widths, in units of the drawing. */
const HIGHEST = 160;
const BAR = 6;
const SLOT = SERIES.length * BAR + 6;

/** Bars of what came, was lost, recovered and late in each hour or day. */
export function ReportChart({ slots, slot }: Pick<Report, 'slots' | 'slot'>): VNode | null {
  if (slots.length === 0) return null;
  const most = Math.max(1, ...slots.flatMap((one) => SERIES.map((series) => one[series])));
  const width = slots.length * SLOT + 40;
  const every = Math.max(1, Math.ceil(slots.length / 8));
  return (
    <figure>
      <svg
        class="chart"
        viewBox={`0 0 ${width} ${HIGHEST + 40}`}
        role="img"
        aria-label={`Webhooks that came, were lost, recovered and late in each ${slot}; the table below holds the numbers`}
      >
        <text x="0" y="12">{`at most ${most} in a ${slot}`}</text>
        {slots.map((one, index) => (
          <Bars one={one} x={index * SLOT} most={most} isNamed={index % every === 0} />
        ))}
      </svg>
      <figcaption>
        {SERIES.map((series) => (
          <span class={`key ${series}`}>{series}</span>
        ))}
      </figcaption>
    </figure>
  );
}

interface BarsShown {
  readonly one: ReportSlot;
  readonly x: number;
  readonly most: number;
  readonly isNamed: boolean;
}

function Bars({ one, x, most, isNamed }: BarsShown): VNode {
  return (
    <g>
      <title>{`${one.from.slice(0, 16).replace('T', ' ')}: ${SERIES.map((series) => `${series} ${one[series]}`).join(', ')}`}</title>
      {SERIES.map((series, index) => {
        // Of what happened at all something is seen, beside thousands of others, too.
        const height = one[series] === 0 ? 0 : Math.max(2, Math.round((one[series] / most) * HIGHEST));
        return (
          <rect
            class={series}
            x={String(x + index * BAR)}
            y={String(HIGHEST + 18 - height)}
            width={String(BAR - 1)}
            height={String(height)}
          />
        );
      })}
      {isNamed ? (
        <text x={String(x)} y={String(HIGHEST + 34)}>
          {one.from.slice(5, 16).replace('T', ' ')}
        </text>
      ) : null}
    </g>
  );
}

function Things(props: { readonly title: string; readonly things: Report['lost'] }): VNode {
  const { title, things } = props;
  return (
    <>
      <h2>{title}</h2>
      <Table
        caption={`${things.count} in all${things.count > things.items.length ? `, the first ${things.items.length}` : ''}, oldest first`}
        rows={things.items}
        none="None."
        columns={[
          { label: 'When', cell: ({ at }: ReportItem) => <Time at={at} /> },
          {
            label: 'Subject',
            cell: ({ workflowId }) =>
              workflowId === null ? '–' : <a href={addresses.flow(workflowId)}>{workflowId}</a>,
          },
          { label: 'By', cell: ({ how }) => how },
          { label: 'Event', cell: ({ event }) => orDash(event) },
          { label: 'State before', cell: ({ state }) => orDash(state) },
          { label: 'Found', cell: ({ found }) => orDash(found) },
          {
            label: 'Delivery',
            cell: ({ deliveryId }) =>
              deliveryId === null ? '–' : <a href={addresses.delivery(deliveryId)}>{deliveryId}</a>,
          },
        ]}
      />
    </>
  );
}

function Account({ report, now }: { readonly report: Report; readonly now: Date }): VNode {
  const { came, lost, recovered, late, open, complete } = report;
  return (
    <>
      <p class={`notice ${complete ? 'is-good' : 'is-bad'}`}>
        {complete ? 'Nothing of the window is missing.' : 'Something of the window is still missing, or waits.'}
      </p>
      <Facts
        facts={[
          ['Came', countWords(came.total, 'webhook')],
          [
            'Of them',
            Object.entries(came)
              .flatMap(([kind, count]) => (kind === 'total' || count === 0 ? [] : [`${count} ${kind}`]))
              .join(', ') || '–',
          ],
          ['Lost', countWords(lost.count, 'webhook')],
          ['Recovered', countWords(recovered.count, 'webhook')],
          ['Late', countWords(late.count, 'webhook')],
          ['Still owed', countWords(open.count, 'flow')],
        ]}
      />
      <ReportChart slots={report.slots} slot={report.slot} />
      <Things title="Lost" things={lost} />
      <Things title="Recovered" things={recovered} />
      <Things title="Late" things={late} />
      <h2>Still owed</h2>
      <Table caption={`${open.count} in all, due first`} columns={flowColumns(now)} rows={open.items} none="None." />
    </>
  );
}

/** Account of a window: what came, was lost, recovered, late, and is still owed. */
export function ReportView(shown: ReportShown): VNode {
  return (
    <>
      <p>What an outage of a partner did, and whether anything is missing. Choose its hours, and a little more.</p>
      <Form {...shown} />
      <Account report={shown.report} now={shown.now} />
    </>
  );
}
