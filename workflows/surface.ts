import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributeUpdatePair } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';

import { inShort } from '../src/domain/in-short';
import type { Subject } from '../src/domain/subject';

const Overdue = defineSearchAttributeKey('Overdue', SearchAttributeType.BOOL);
const Finding = defineSearchAttributeKey('Finding', SearchAttributeType.KEYWORD);
const WaitingFor = defineSearchAttributeKey('WaitingFor', SearchAttributeType.KEYWORD);
const DueAt = defineSearchAttributeKey('DueAt', SearchAttributeType.DATETIME);

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
function setLines({ standing }: Subject): readonly string[] {
  if (standing === undefined) return [];
  const rows = standing.movements.map(
    ({ leg, instrument, amount, creditedAt }) => `| ${leg} | ${instrument} | ${amount} | ${creditedAt} |`,
  );
  const breaks = standing.breaks.map(
    ({ kind, leg, instrument, expected, found }) =>
      `| **${kind}** | ${leg ?? ''} ${instrument ?? ''} | expected ${expected ?? 'nothing'} | found ${found ?? 'nothing'} |`,
  );
  return ['', '#### Set', '', '| leg | instrument | amount | credited at |', '|---|---|---|---|', ...rows, ...breaks];
}

/** What the Temporal UI shows of a flow without opening code; a list, because tables have no borders there. */
export function describe(title: string, subject: Subject): string {
  const findings = subject.findings.map(
    (finding) =>
      `- ${finding.at}: **${finding.finding}** in ${finding.state ?? 'no state'}, found ${finding.found ?? 'nothing'}`,
  );
  return [
    `### ${title} ${subject.id}`,
    '',
    ...line('state', `**${subject.state ?? 'nothing heard yet'}**`),
    ...line('owed', subject.waitingFor.join(' or ')),
    ...line('since', subject.since),
    ...line('due', subject.dueAt),
    ...line('overdue', subject.overdue ? `**yes**, finding ${subject.finding ?? 'none yet'}` : null),
    ...line('next read', subject.read === null ? null : `${subject.read.at} (${subject.read.purpose})`),
    ...line('reason', subject.reason),
    ...Object.entries(subject.facts ?? {}).flatMap(([name, value]) => line(name, `**${value}**`)),
    ...line('ended', subject.end === null ? null : `${subject.end.at}, by ${subject.end.by}`),
    ...recurrenceLines(subject),
    ...setLines(subject),
    ...(findings.length > 0 ? ['', '#### Findings', ...findings] : []),
  ].join('\n');
}

/** Shows a subject in the Temporal UI. */
export interface Surface {
  show(subject: Subject): void;
  /** Adds a line that stays, for what should never happen. */
  warn(line: string): void;
}

/**
 * Search attributes are set only while something is overdue: each upsert is billed, and one that nobody
 * takes away again lies to the operator who filters by it.
 */
export function createSurface(title: string): Surface {
  let shown = '';
  let warnings: readonly string[] = [];
  return {
    warn(text) {
      warnings = [...warnings, `- **warning**: ${text}`].slice(-5);
    },
    show(subject) {
      setCurrentDetails([describe(title, subject), ...warnings].join('\n'));
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
    { key: Finding, value: subject.finding },
    { key: WaitingFor, value: inShort(subject.waitingFor, ',') },
    { key: DueAt, value: subject.dueAt === null ? null : new Date(subject.dueAt) },
  ];
}

function cleared(): SearchAttributeUpdatePair[] {
  return [
    { key: Overdue, value: null },
    { key: Finding, value: null },
    { key: WaitingFor, value: null },
    { key: DueAt, value: null },
  ];
}
