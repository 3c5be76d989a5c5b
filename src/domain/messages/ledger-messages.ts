import type { OutgoingMessage } from '../outgoing';
import { type SubjectChange, told } from './told';

/** Judgement of a set, as its row shows it. */
export interface SetView {
  readonly verdict: string | null;
  readonly breaks: readonly unknown[];
  /** Events whose money is held while the set is a break; null: those of all. */
  readonly heldEvents: readonly string[] | null;
  readonly isResolved: boolean;
}

/** Judgement of a set, with whom it concerns. */
export interface JudgedSet extends SetView {
  readonly caId: string;
  readonly userId: string;
  readonly unverified: readonly unknown[];
}

/** Obligation as it is now. */
export interface ObligationView {
  readonly obligationId: string;
  readonly state: 'open' | 'held' | 'paid' | 'cancelled';
  readonly amount: string;
  readonly instrument: string;
  readonly transactionId: string;
  readonly leg: string;
  readonly userId: string;
  readonly caId: string | null;
  readonly since: string;
  readonly dueAt: string;
  readonly paidAt: string | null;
}

/** Messages of a change of a set's judgement: the verdict, then the obligations that it holds, or holds no more. */
export function setMessages(
  change: SubjectChange,
  before: SetView,
  after: JudgedSet,
  obligations: readonly ObligationView[],
): readonly OutgoingMessage[] {
  const { caId, userId, verdict, breaks, unverified, isResolved: resolved } = after;
  const set = { caId, userId, verdict, breaks, unverified, resolved };
  const isJudged = verdict !== null && (before.verdict !== verdict || !isSame(before.breaks, breaks));
  return [
    ...(isJudged ? [told(change, 'set.judged', change.at, { data: { userId, set } })] : []),
    ...obligations.flatMap((one) => heldMessages(change, one, before, after)),
  ];
}

function isSame(some: unknown, others: unknown): boolean {
  return JSON.stringify(some) === JSON.stringify(others);
}

/** Message that money is held, or no longer; none of money that is passed on already, or taken back. */
function heldMessages(
  change: SubjectChange,
  obligation: ObligationView,
  before: SetView,
  after: SetView,
): readonly OutgoingMessage[] {
  const isPaid = obligation.paidAt !== null && obligation.paidAt <= change.at;
  if (isPaid || obligation.state === 'cancelled') return [];
  const [was, is] = [isHeld(before, obligation), isHeld(after, obligation)];
  if (was === is) return [];
  return [
    obligationTold(change, is ? 'obligation.held' : 'obligation.open', {
      ...obligation,
      state: is ? 'held' : 'open',
      paidAt: null,
    }),
  ];
}

function isHeld({ verdict, isResolved, heldEvents }: SetView, { transactionId }: ObligationView): boolean {
  return verdict === 'break' && !isResolved && (heldEvents === null || heldEvents.includes(transactionId));
}

/** Message of a change of an obligation by itself: passed on, taken back, or less than it was. */
export function obligationMessage(change: SubjectChange, obligation: ObligationView): OutgoingMessage {
  const { state } = obligation;
  const type = state === 'paid' || state === 'cancelled' ? `obligation.${state}` : 'obligation.changed';
  return obligationTold(change, type, obligation);
}

function obligationTold(change: SubjectChange, type: string, obligation: ObligationView): OutgoingMessage {
  const { obligationId, userId, amount, instrument } = obligation;
  const amounts = [{ what: 'owed', amount, unit: instrument }];
  return told(change, type, change.at, { key: obligationId, data: { userId, amounts, obligation } });
}
