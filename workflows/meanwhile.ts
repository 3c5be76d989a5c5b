import { ActivityFailure, condition, TimeoutFailure } from '@temporalio/workflow';

import { nextStep } from '../src/domain/lifecycles/kinds';
import type { Recurrence } from '../src/domain/lifecycles/savings-plan/recurrence';
import { passTime } from '../src/domain/lifecycles/savings-plan/plan';
import { millisecondsOf } from '../src/domain/moments';
import type { Subject } from '../src/domain/subject';
import { type FlowState, foldChange, isAheadOf, snapshotOf } from './flow-state';
import { now } from './timer';
import { writeRow } from './write-row';

/** The step by which a flow sees to a recurrence while something else is asked; absent where it sees to one already. */
type HandleRecurrence = (recurrence: Recurrence) => Promise<void>;

/**
 * The answer of one who is asked and may take minutes. Meanwhile the flow does what may not wait for it: it writes the
 * outcomes of what comes, lets deadlines pass, and sees to recurrences. While nothing of that is to be done, and an
 * answer comes quickly, not one command more is given than by waiting alone.
 */
export async function meanwhile<T>(
  state: FlowState,
  asked: Promise<T>,
  handleRecurrence?: HandleRecurrence,
): Promise<T> {
  const answer = { hasCome: false };
  const come = (): void => {
    answer.hasCome = true;
  };
  asked.then(come, come);
  const duty = createDuty(state, handleRecurrence);
  while (!answer.hasCome) {
    const before = state.changes;
    const isNews = (): boolean => answer.hasCome || state.changes !== before;
    const next = duty.next();
    if (next === null) await condition(isNews);
    else if (!state.goesNewWay('meanwhile')) await condition(() => answer.hasCome);
    else if (next.inMs > 0) await condition(isNews, next.inMs);
    else await next.act();
  }
  return asked;
}

/** A thing to do while somebody is asked, and when. */
interface Duty {
  readonly inMs: number;
  readonly act: () => Promise<void>;
}

/** The time that an older flow gives an answer before it writes an outcome beside it: what a quick answer brings is written with it. */
const QUICK_MS = 500;
/** The longest time for which a moment is waited for beside a question that itself ends after a minute. */
const SOON_MS = 120_000;

function createDuty(state: FlowState, handleRecurrence: HandleRecurrence | undefined) {
  const quickUntilMs = state.goesNewWay('local-writes') ? 0 : Date.now() + QUICK_MS;
  // What is unwritten from the beginning rides with the question, or is written after it as ever.
  let known = snapshotOf(state);
  const write = async (): Promise<void> => {
    await writeRow({ state });
    known = null;
  };
  const pass = async (): Promise<void> => {
    foldChange(state, (rules, subject) => passTime(rules, subject, now()));
    await Promise.resolve();
  };
  return {
    next(): Duty | null {
      const isHandled = handleRecurrence !== undefined;
      const step = nextStep(state.rules, isHandled ? unread(state.subject) : untouched(state.subject), now());
      if (step.kind === 'pass time') return { inMs: 0, act: pass };
      if (isAheadOf(state, known)) return { inMs: quickUntilMs - Date.now(), act: write };
      if (step.kind === 'handle recurrence' && isHandled) {
        return { inMs: 0, act: () => handleRecurrence(step.recurrence) };
      }
      if (step.kind !== 'wait' || step.until === null) return null;
      const inMs = Math.max(1, millisecondsOf(step.until) - Date.now());
      return isHandled || inMs <= SOON_MS ? { inMs, act: pass } : null;
    },
  };
}

/** The subject without what it is to be read for: a read is under way. */
function unread(subject: Subject): Subject {
  const { expected, ...known } = subject;
  return { ...known, read: null };
}

/** The subject whose recurrences are not to be seen to: one of them is, and only their deadlines matter. */
function untouched(subject: Subject): Subject {
  const { recurrences } = subject;
  if (recurrences === undefined) return unread(subject);
  return { ...unread(subject), recurrences: recurrences.map((one) => ({ ...one, actAt: null })) };
}

/** True where a read that was to take a write along was not begun in time: the write goes without it. */
export function wasNotBegun({ goesNewWay }: FlowState, error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START' && goesNewWay('meanwhile');
}
