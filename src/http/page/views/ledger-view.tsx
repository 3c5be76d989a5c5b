import type { VNode } from 'preact';

import type { Break } from '../../../domain/lifecycles/corporate-actions/corporate-action';
import type { BreakItem } from '../../../store/corporate-actions/breaks';
import { addresses } from './addresses';
import { type PageLinks, Pages, Table, Time } from './parts';

/** Words for a break: its kind, where it is, what was expected and what was found. */
export function breakWords({ kind, leg, instrument, expected, found }: Break): string {
  const where = [leg, instrument].filter((word) => word !== null).join(' ');
  const said = [
    ...(expected === null ? [] : [`expected ${expected}`]),
    ...(found === null ? [] : [`found ${found}`]),
  ].join(', ');
  return [kind, ...(where === '' ? [] : [where]), ...(said === '' ? [] : [said])].join(': ');
}

/** Lines below each other, or a dash. */
export function Lines({ lines }: { readonly lines: readonly string[] }): VNode {
  if (lines.length === 0) return <span>–</span>;
  return (
    <ul class="plain">
      {lines.map((line) => (
        <li>{line}</li>
      ))}
    </ul>
  );
}

/** Resolution of a break, or that there is none. */
export function Resolved({ resolution }: Pick<BreakItem, 'resolution'>): VNode {
  if (resolution === null) return <span class="bad">not resolved</span>;
  return <span>{`${resolution.result} by ${resolution.by}: ${resolution.reason}`}</span>;
}

/** Sets that do not add up, by corporate action and holder. */
export function BreaksView(props: PageLinks & { readonly breaks: readonly BreakItem[] }): VNode {
  return (
    <>
      <p>
        All movements of one corporate action for one user are a set; a set in break does not add up. The flow of a set
        is where it is resolved.
      </p>
      <Table
        caption="Those that nobody resolved first"
        rows={props.breaks}
        none="Every set adds up, as far as it was judged."
        columns={[
          {
            label: 'Action',
            cell: ({ caId, type }) => (
              <>
                <a href={addresses.corporateAction(caId)}>{caId}</a> {type}
              </>
            ),
          },
          { label: 'Holder', cell: ({ userId, workflowId }) => <a href={addresses.flow(workflowId)}>{userId}</a> },
          { label: 'What breaks', cell: ({ breaks }) => <Lines lines={breaks.map(breakWords)} /> },
          { label: 'Judged', cell: ({ judgedAt }) => <Time at={judgedAt} /> },
          { label: 'Resolved', cell: ({ resolution }) => <Resolved resolution={resolution} /> },
        ]}
      />
      <Pages next={props.next} first={props.first} />
    </>
  );
}
