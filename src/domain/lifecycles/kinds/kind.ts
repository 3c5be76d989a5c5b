import type { FlowNews, LateNews, Notification, NotificationContent, ToldContent } from '../../notification';
import type { ReadResult } from '../../reading';
import type { ReadPurpose, Subject } from '../../subject';
import type { JudgeResult } from '../corporate-actions/fold-set';
import type { Resolution } from '../corporate-actions/set-news';
import type { LocalCalendar } from '../local-calendar';
import type { NextStep } from '../next-step';
import type { Change, Folded, Rules } from '../rules';

/** A kind of lifecycle: how a subject takes in what happens, and what its flow does next. Pure, synchronous, never throws. */
export type LifecycleKind = CommonKind & (ReadsPartner | ReadsLedger);

/** The content of deliveries that flows follow; what is only recorded has no flow. */
export type FollowedContent = Exclude<NotificationContent, { lifecycle: 'recorded' }>;

interface CommonKind {
  /** The fold of one notification; one of another kind of lifecycle is illegal. */
  foldNews(rules: Rules, subject: Subject, notification: Notification, now: string): Folded;
  /** The content of a delivery with its local times resolved; a flow computes none itself. */
  withTimes(content: ToldContent, calendar: LocalCalendar): ToldContent;
  /** The fold of what arrives after an end for good: late, and told where it contradicts the end. */
  foldLate(rules: Rules, subject: Subject, news: LateNews, now: string): Folded;
  /** The next step, from what is known and the time alone. */
  nextStep(rules: Rules, subject: Subject, now: string): NextStep;
  /** The subject, neither ended nor overdue, with what is owed due by the rules' policy. */
  underPolicy(rules: Rules, subject: Subject, now: string): Subject;
  /** The subject with what an operator's longer due time means for its parts. */
  extend(subject: Subject, until: string): Subject;
  /** The subject that an operator has just ended, with what is kept of it. */
  resolve(subject: Subject, resolution: Resolution): Subject;
  /** True where the stored subject knows already what a swept event says, although no event id proves that it arrived. */
  hasArrived(subject: Subject, content: FollowedContent): boolean;
  /**
   * Notification that makes a flow which is started again from its row refresh what the row rests on; null: the row
   * is enough.
   */
  newsAtRestart(state: string): FlowNews | null;
  /** The corporate action that a subject belongs to, from the subject's id; null where there is none. */
  corporateActionIdOf(objectId: string): string | null;
  /** Expectation in words for the table of events; null where each state has its own. */
  readonly owed: string | null;
}

/** A kind whose subjects are objects of the partner, read there. */
export interface ReadsPartner {
  readonly readsFrom: 'partner';
  foldRead(rules: Rules, subject: Subject, purpose: ReadPurpose, result: ReadResult, now: string): Change;
}

/** A kind whose subjects are judged from our own ledger; the partner is asked for lost events before a verdict that is not good. */
export interface ReadsLedger {
  readonly readsFrom: 'ledger';
  foldJudged(rules: Rules, subject: Subject, result: JudgeResult, now: string): Change;
  foldAsked(subject: Subject, asked: 'reached' | 'unreachable', kept: number, now: string): Subject;
}
