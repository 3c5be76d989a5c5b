import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributeUpdatePair } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';

import { truncateList } from '../src/domain/truncate-list';
import type { ReadPurpose, Subject } from '../src/domain/subject';
import type { FlowAction } from '../src/domain/subject-write';

const Overdue = defineSearchAttributeKey('Overdue', SearchAttributeType.BOOL);
/** Finding as a search attribute, also that of a sweep that could not ask. */
export const FindingAttribute = defineSearchAttributeKey('Finding', SearchAttributeType.KEYWORD);
const WaitingFor = defineSearchAttributeKey('WaitingFor', SearchAttributeType.KEYWORD);
const DueAt = defineSearchAttributeKey('DueAt', SearchAttributeType.DATETIME);

/** Text that others wrote, as it is: the UI renders Markdown, and a reason must not become a heading, or a link that hides where it leads. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>#|~!]/g, (character) => `\\${character}`);
}

function line(name: string, value: string | null): string[] {
  return value === null || value === '' ? [] : [`- ${name}: ${value}`];
}

/** The newest recurrences of a savings plan, the one that matters first. */
function recurrenceLines({ recurrences = [] }: Subject): readonly string[] {
  if (recurrences.length === 0) return [];
  const lines = [...recurrences].reverse().slice(0, 10);
  return [
    '',
    '#### Recurrences',
    ...lines.map(
      ({ transactionId, state, deadline, decision, confirmedAt }) =>
        `- ${transactionId}: **${state}**, deadline ${deadline ?? 'unknown'}, decision ${decision ?? 'none'}, confirmed ${confirmedAt ?? 'never'}`,
    ),
  ];
}

/** The movements of a corporate action's set and what is wrong with them, as a back office reads them. */
function setLines({ standing, resolution }: Subject): readonly string[] {
  const resolved = line(
    'resolved',
    resolution === undefined
      ? null
      : `${resolution.at}, as ${resolution.result} by **${plain(resolution.by)}**: ${plain(resolution.reason)}`,
  );
  if (standing === undefined) return resolved;
  const rows = standing.movements.map(
    ({ leg, instrument, amount, creditedAt }) => `| ${leg} | ${instrument} | ${amount} | ${creditedAt} |`,
  );
  const breaks = standing.breaks.map(
    ({ kind, leg, instrument, expected, found }) =>
      `- **${kind}** ${leg ?? ''} ${instrument ?? ''}: expected ${expected ?? 'nothing'}, found ${found ?? 'nothing'}`,
  );
  const broken = breaks.length === 0 ? [] : ['', '#### Breaks', ...breaks];
  const heading = [
    '',
    '#### Movements of the set',
    '',
    '| leg | instrument | amount | credited at |',
    '|---|---|---|---|',
  ];
  return [...resolved, ...heading, ...rows, ...broken];
}

const LOOKS: Readonly<Record<ReadPurpose, string>> = {
  fill: 'to confirm the fill',
  agreement: 'until it agrees with the webhook',
  illegal: 'because a webhook contradicts',
  record: 'for what only a read shows',
  overdue: 'if nothing comes before',
  operator: 'because an operator asked',
  judge: 'of the ledger, to judge the set',
};

/** Next read, and the entry of the runbook about the finding. */
function overdueLines({ overdue, finding, read }: Subject): readonly string[] {
  const what = finding === null ? '' : `, finding **${finding}**`;
  const help = `what to do: docs/runbook.md, ${finding ?? 'overdue'}`;
  return [
    ...line('overdue', overdue ? `**yes**${what}; ${help}` : null),
    ...line('finding', !overdue && finding !== null ? `**${finding}**; ${help}` : null),
    ...line('next read', read === null ? null : `${read.at}, ${LOOKS[read.purpose]}`),
  ];
}

function findingLines({ findings }: Subject): readonly string[] {
  const lines = findings.map(
    ({ at, finding, state, found }) =>
      `- ${at}: **${finding}** in ${plain(state ?? 'no state')}, found ${plain(found ?? 'nothing')}`,
  );
  return lines.length === 0 ? [] : ['', '#### Findings', ...lines];
}

/** Action of an operator in words; one that came by Temporal itself is marked. */
function didOf({ action, details }: FlowAction): string {
  const { seconds = '', result = '', via } = details;
  const words: Readonly<Record<string, string>> = {
    refetch: 'asked for a read',
    extend: `gave ${seconds} s more`,
    resolve: `ended it as ${result}`,
  };
  return `${words[action] ?? action}${via === undefined ? '' : ` (via ${via})`}`;
}

function operatorLines(deeds: readonly FlowAction[]): readonly string[] {
  const lines = deeds.map((deed) => `- ${deed.at}: **${plain(deed.by)}** ${plain(didOf(deed))}: ${plain(deed.reason)}`);
  return lines.length === 0 ? [] : ['', '#### Operators', ...lines];
}

/**
 * Description of a flow in the Temporal UI, for readers without the code; a list, because tables have no borders
 * there.
 */
export function describe(title: string, subject: Subject, deeds: readonly FlowAction[] = []): string {
  return [
    `### ${title} ${plain(subject.id)}`,
    '',
    ...line('state', `**${plain(subject.state ?? 'nothing heard yet')}**`),
    ...line('owed', plain(subject.waitingFor.join(' or '))),
    ...line('since', subject.since),
    ...line('due', subject.dueAt),
    ...overdueLines(subject),
    ...line('reason', subject.reason === null ? null : plain(subject.reason)),
    ...Object.entries(subject.facts ?? {}).flatMap(([name, value]) => line(plain(name), `**${plain(value)}**`)),
    ...line('ended', subject.end === null ? null : `**${subject.end.at}**, by ${subject.end.by}`),
    ...recurrenceLines(subject),
    ...setLines(subject),
    ...findingLines(subject),
    ...operatorLines(deeds),
  ].join('\n');
}

/** Purpose of the armed timer, in the History and the Timeline of the UI. */
export function timerSummary({ waitingFor, overdue }: Subject): string {
  const owed = truncateList(waitingFor, ' or ');
  if (overdue) return `look again: ${owed} overdue`;
  return owed === '' ? 'look again' : `${owed} due`;
}

/** Shows a subject in the Temporal UI. */
export interface UiDetails {
  show(subject: Subject, deeds: readonly FlowAction[]): void;
  /** Adds a line that stays, for what should never happen. */
  warn(line: string): void;
}

/**
 * Search attributes are set only while something is overdue: each upsert is billed, and one that nobody
 * takes away again lies to the operator who filters by it.
 */
export function createUiDetails(title: string): UiDetails {
  let shown = '';
  let warnings: readonly string[] = [];
  return {
    warn(text) {
      warnings = [...warnings, `- **warning**: ${plain(text)}`].slice(-5);
    },
    show(subject, deeds) {
      setCurrentDetails([describe(title, subject, deeds), ...warnings].join('\n'));
      const wanted = subject.overdue ? JSON.stringify([subject.finding, subject.waitingFor, subject.dueAt]) : '';
      if (wanted === shown) return;
      shown = wanted;
      upsertSearchAttributes(subject.overdue ? whileOverdue(subject) : cleared());
    },
  };
}

function whileOverdue(subject: Subject): SearchAttributeUpdatePair[] {
  return [
    { key: Overdue, value: true },
    { key: FindingAttribute, value: subject.finding },
    { key: WaitingFor, value: truncateList(subject.waitingFor, ',') },
    { key: DueAt, value: subject.dueAt === null ? null : new Date(subject.dueAt) },
  ];
}

function cleared(): SearchAttributeUpdatePair[] {
  return [
    { key: Overdue, value: null },
    { key: FindingAttribute, value: null },
    { key: WaitingFor, value: null },
    { key: DueAt, value: null },
  ];
}
