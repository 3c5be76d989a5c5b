import type { VNode } from 'preact';

import type { ActionOverview } from '../../../domain/lifecycles/corporate-actions/action-overview';
import { unknownsInWords } from '../../../domain/lifecycles/corporate-actions/in-words';
import type { HolderFlow, HolderFlows } from '../../../store/corporate-actions/holder-flows';
import type { CorporateActionDetail, HolderItem } from '../../../store/corporate-actions/list';
import { addresses } from './addresses';
import { breakWords, Lines, Resolved } from './ledger-view';
import { Facts, orDash, type PageLinks, Pages, Table } from './parts';
import { tickColumn, TickedForm } from './ticked-flows';

function reasonsOf({ verdict, breaks, unverified }: HolderItem): readonly string[] {
  return verdict === 'unverified' ? unknownsInWords(unverified) : breaks.map(breakWords);
}

function movementsOf({ movements }: HolderItem): readonly string[] {
  return movements.map(({ leg, amount, instrument }) => `${leg} ${amount} ${instrument}`);
}

/** The content of the page of one corporate action. */
export interface CorporateActionShown extends PageLinks, HolderFlows {
  readonly action: CorporateActionDetail;
  readonly formToken: string;
}

/** One corporate action: how its sets stand, the worst of them, and a page of its holders, who can be acted on. */
export function CorporateActionView(shown: CorporateActionShown): VNode {
  const { action, overview, next, first } = shown;
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
          ...standing(overview),
        ]}
      />
      <Worst {...shown} />
      <Holders {...shown} />
      <Pages next={next} first={first} />
    </>
  );
}

function standing(overview: ActionOverview): readonly (readonly [string, string])[] {
  const { sets, complete, unverified, broken, settling, waitingForMoney } = overview;
  const kinds = overview.breaks.map(({ kind, sets: count }) => `${kind} ${count}`).join(', ');
  return [
    ['Holders', String(sets)],
    ['Complete', String(complete)],
    ['Unverified, not resolved', String(unverified)],
    ['In break, not resolved', kinds === '' ? String(broken) : `${broken}: ${kinds}`],
    ['Waiting for money', String(waitingForMoney)],
    ...(settling === 0 ? [] : [['Not judged yet', String(settling)] as const]),
  ];
}

/** The sets that stand in the details of the flow in Temporal, too; nothing where all are shown below anyway. */
function Worst({ overview, flows, next, first }: CorporateActionShown): VNode | null {
  if (overview.worst.length === 0 || (next === null && first === null)) return null;
  return (
    <>
      <h2>The worst sets</h2>
      <Table
        caption="Breaks first, what has waited longest before the others"
        rows={overview.worst}
        none="None."
        columns={[
          { label: 'Holder', cell: ({ userId }) => <Holder userId={userId} flow={flows.get(userId)} /> },
          { label: 'Verdict', cell: ({ verdict }) => <VerdictWord verdict={verdict} /> },
          { label: 'Why', cell: ({ words }) => words },
        ]}
      />
    </>
  );
}

function Holder({ userId, flow }: { readonly userId: string; readonly flow: HolderFlow | undefined }): VNode {
  return flow === undefined ? <span>{userId}</span> : <a href={addresses.flow(flow.workflowId)}>{userId}</a>;
}

function VerdictWord({ verdict }: Pick<HolderItem, 'verdict'>): VNode {
  return verdict === 'break' ? <span class="bad">break</span> : <span>{verdict ?? 'not judged yet'}</span>;
}

function Holders({ action, flows, formToken }: CorporateActionShown): VNode {
  const openFlowOf = ({ userId }: HolderItem): string | null => {
    const flow = flows.get(userId);
    return flow?.open === true ? flow.workflowId : null;
  };
  const count = action.holders.filter((holder) => openFlowOf(holder) !== null).length;
  return (
    <>
      <h2>Holders</h2>
      <TickedForm count={count} all="open ones shown" formToken={formToken}>
        <Table
          caption="By user"
          rows={action.holders}
          none="None."
          columns={[
            ...(count === 0 ? [] : [tickColumn(openFlowOf)]),
            { label: 'Holder', cell: ({ userId }) => <Holder userId={userId} flow={flows.get(userId)} /> },
            { label: 'Verdict', cell: ({ verdict }) => <VerdictWord verdict={verdict} /> },
            { label: 'What breaks or is not known', cell: (holder) => <Lines lines={reasonsOf(holder)} /> },
            { label: 'Movements', cell: (holder) => <Lines lines={movementsOf(holder)} /> },
            {
              label: 'Resolved',
              cell: ({ resolution, verdict }) =>
                resolution === null && verdict !== 'break' ? '–' : <Resolved resolution={resolution} />,
            },
          ]}
        />
      </TickedForm>
    </>
  );
}
