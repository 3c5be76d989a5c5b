import type { VNode } from 'preact';

import type { Break } from '../../../domain/lifecycles/corporate-actions/corporate-action';
import { unknownsInWords } from '../../../domain/lifecycles/corporate-actions/in-words';
import type { BreakItem } from '../../../store/corporate-actions/breaks';
import type { CorporateActionDetail, HolderItem } from '../../../store/corporate-actions/list';
import { addresses } from './addresses';
import { Facts, orDash, type PageLinks, Pages, Table, Time } from './parts';

function breakWords({ kind, leg, instrument, expected, found }: Break): string {
  const where = [leg, instrument].filter((word) => word !== null).join(' ');
  const said = [
    ...(expected === null ? [] : [`expected ${expected}`]),
    ...(found === null ? [] : [`found ${found}`]),
  ].join(', ');
  return [kind, ...(where === '' ? [] : [where]), ...(said === '' ? [] : [said])].join(': ');
}

function Lines({ lines }: { readonly lines: readonly string[] }): VNode {
  if (lines.length === 0) return <span>–</span>;
  return (
    <ul class="plain">
      {lines.map((line) => (
        <li>{line}</li>
      ))}
    </ul>
  );
}

function Resolved({ resolution }: Pick<BreakItem, 'resolution'>): VNode {
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

function reasonsOf({ verdict, breaks, unverified }: HolderItem): readonly string[] {
  return verdict === 'unverified' ? unknownsInWords(unverified) : breaks.map(breakWords);
}

function movementsOf({ movements }: HolderItem): readonly string[] {
  return movements.map(({ leg, amount, instrument }) => `${leg} ${amount} ${instrument}`);
}

/** One corporate action with a page of its holders. */
export function CorporateActionView(props: PageLinks & { readonly action: CorporateActionDetail }): VNode {
  const { action } = props;
  const ratio = action.ratio === null ? null : `at least ${action.ratio.low}, below ${action.ratio.high}`;
  return (
    <>
      <Facts
        facts={[
          ['Type', action.type],
          ['Old instrument', orDash(action.oldInstrument)],
          ['New instruments', orDash(action.newInstruments.join(', '))],
          ['New for each old', orDash(ratio)],
          ['Sets that prove it', `${action.agreeingSets} of ${action.completeSets}`],
        ]}
      />
      <h2>Holders</h2>
      <Table
        caption="By user"
        rows={action.holders}
        none="None."
        columns={[
          { label: 'Holder', cell: ({ userId }) => userId },
          {
            label: 'Verdict',
            cell: ({ verdict }) =>
              verdict === 'break' ? <span class="bad">break</span> : (verdict ?? 'not judged yet'),
          },
          { label: 'What breaks or is not known', cell: (holder) => <Lines lines={reasonsOf(holder)} /> },
          { label: 'Movements', cell: (holder) => <Lines lines={movementsOf(holder)} /> },
          {
            label: 'Resolved',
            cell: ({ resolution, verdict }) =>
              resolution === null && verdict !== 'break' ? '–' : <Resolved resolution={resolution} />,
          },
        ]}
      />
      <Pages next={props.next} first={props.first} />
    </>
  );
}
