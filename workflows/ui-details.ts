import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributeUpdatePair } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';

import type { Subject } from '../src/domain/subject';
import type { FlowAction } from '../src/domain/subject-write';
import { truncateList } from '../src/domain/truncate-list';
import { describe, plain } from './ui-text';

const Overdue = defineSearchAttributeKey('Overdue', SearchAttributeType.BOOL);
/** The search attribute of a finding, also of a sweep that could not ask. */
export const FindingAttribute = defineSearchAttributeKey('Finding', SearchAttributeType.KEYWORD);
const WaitingFor = defineSearchAttributeKey('WaitingFor', SearchAttributeType.KEYWORD);
const DueAt = defineSearchAttributeKey('DueAt', SearchAttributeType.DATETIME);

/** The part of a subject that the Temporal UI shows. */
export interface UiDetails {
  show(subject: Subject, deeds: readonly FlowAction[]): void;
  /** Adds a line that stays, for what should never happen. */
  warn(line: string): void;
}

/**
 * The details of one flow in the UI. Search attributes are set only while something is overdue: each upsert is billed,
 * and one that nobody takes away again misleads the operator who filters by it.
 */
export function createUiDetails(title: string): UiDetails {
  const overdue = createOverdueAttributes();
  let warnings: readonly string[] = [];
  return {
    warn(text) {
      warnings = [...warnings, `- **warning**: ${plain(text)}`].slice(-5);
    },
    show(subject, deeds) {
      setCurrentDetails([describe(title, subject, deeds), ...warnings].join('\n'));
      overdue.set(subject.overdue ? subject : null);
    },
  };
}

/** The part of what is overdue that search attributes hold. */
export type Overdueness = Pick<Subject, 'finding' | 'waitingFor' | 'dueAt'>;

/** The search attributes of what is overdue, set when they change; null: nothing is. */
export function createOverdueAttributes() {
  let shown = '';
  return {
    set(overdue: Overdueness | null): void {
      const wanted = overdue === null ? '' : JSON.stringify([overdue.finding, overdue.waitingFor, overdue.dueAt]);
      if (wanted === shown) return;
      shown = wanted;
      upsertSearchAttributes(overdue === null ? cleared() : whileOverdue(overdue));
    },
  };
}

function whileOverdue(subject: Overdueness): SearchAttributeUpdatePair[] {
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
