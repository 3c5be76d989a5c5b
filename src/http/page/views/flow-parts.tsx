import type { VNode } from 'preact';

import type { FindingKind } from '../../../domain/subject';
import type { FlowItem } from '../../../store/flows/list';
import { addresses } from './addresses';
import { type Column, orDash, Time } from './parts';
import { durationWords } from './words';

/** A sentence for each finding. */
export const FINDING_WORDS: Readonly<Record<FindingKind, string>> = {
  missed: 'The object has moved: a webhook was lost, and the flow went on from what was read.',
  slow: 'The object has not moved: the partner is late.',
  unreachable: 'The object could not be read.',
  absent: 'The partner knows no such object.',
  contradiction: 'What was read or reported contradicts what is known.',
};

/** A link into the Temporal Web UI; nothing where there is none. */
export function TemporalLink({ url, of }: { readonly url: string | null; readonly of: string }): VNode | null {
  if (url === null) return null;
  return (
    <a href={url} aria-label={`${of} in Temporal`}>
      In Temporal
    </a>
  );
}

/** The time by which an overdue flow is late, or at which what it waits for is due. */
export function Due({ flow, now }: { readonly flow: FlowItem; readonly now: Date }): VNode {
  if (flow.dueAt === null) return <span>–</span>;
  const lateMs = now.getTime() - Date.parse(flow.dueAt);
  if (flow.overdue && lateMs >= 0) return <span class="bad">{`${durationWords(lateMs)} late`}</span>;
  return <Time at={flow.dueAt} />;
}

/** A finding by its name. */
export function Finding({ finding }: { readonly finding: FindingKind | null }): VNode {
  return finding === null ? <span>–</span> : <span class="warn">{finding}</span>;
}

/** Columns of every table of flows. */
export function flowColumns(now: Date): readonly Column<FlowItem>[] {
  return [
    { label: 'Flow', cell: ({ workflowId }) => <a href={addresses.flow(workflowId)}>{workflowId}</a> },
    { label: 'Late', cell: (flow) => <Due flow={flow} now={now} /> },
    { label: 'Finding', cell: ({ finding }) => <Finding finding={finding} /> },
    { label: 'State', cell: ({ state }) => orDash(state) },
    { label: 'Waits for', cell: ({ waitingFor }) => orDash(waitingFor.join(', ')) },
    { label: 'Temporal', cell: ({ url, workflowId }) => <TemporalLink url={url} of={workflowId} /> },
  ];
}
