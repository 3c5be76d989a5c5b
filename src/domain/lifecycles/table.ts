import type { FollowedLifecycle } from '../lifecycle';
import type { Partner } from '../partner';

/** A due time as it is written in a table or in the policy file: an ISO 8601 duration, or business days. */
export type DueSetting = string | { readonly businessDays: number };

/** The meaning of one state of a partner's object. */
export interface StateRule {
  /** The place in the order of states; the highest rank that a webhook or a read has named is the state. */
  readonly rank: number;
  /** The statuses that would do next; empty where the state is an end. */
  readonly owed: readonly string[];
  /** The time by which one of them is due. */
  readonly due: DueSetting;
  /**
   * Absent: not an end. `at once`: on the webhook's word. `when read agrees`: money moves, so the object must show it
   * too. `when read`: the object is read and recorded, whatever it shows. `when those named have ended`: the related
   * objects that the read names must have ended as well. `when those named are read`: they must have been read.
   * `when judged`: they decide how a rejection is meant.
   */
  readonly ends?:
    | 'at once'
    | 'when read agrees'
    | 'when read'
    | 'when those named have ended'
    | 'when those named are read'
    | 'when judged';
  /** Nothing is owed, and yet it is no end: the flow closes until the next notification. */
  readonly rests?: true;
  /** A fact that the read must bring before the end. */
  readonly readFor?: string;
  /** The object is read on the way, for what only a read shows. */
  readonly reads?: true;
  /** The states from which the partner may go back to it; believed when its own time is the newer one. */
  readonly mayReturnFrom?: readonly string[];
  /** A shorter due time for reasons that end so. */
  readonly urgent?: { readonly reasonEndsWith: string; readonly due: DueSetting };
  /** A quantity was executed: the object is read for it, each time. */
  readonly fills?: true;
  /** It takes earlier fills back; only a read shows the executed quantity from here on. */
  readonly corrects?: true;
  /** An end that still owes `settlement` when a quantity was executed. */
  readonly settlesWhenExecuted?: true;
  /** After a correction it owes no settlement, whatever quantity a read still shows. */
  readonly endsOnceCorrected?: true;
  /** The partner may not send a webhook for it: finding it by a read is no lost notification. */
  readonly mayBeSilent?: true;
  /** The outcome that is sent to our own backend when a partner has ended the object so. */
  readonly tells?: 'order.settled' | 'transfer.done';
  /** The states after which it contradicts: illegal, and read. */
  readonly neverAfter?: readonly string[];
  /**
   * The states after which it contradicts and is so all the same, as a read shows or, where it may follow them, by its
   * own newer time: told, and alerted.
   */
  readonly contradictsAfter?: readonly string[];
  /** A cancellation that was asked for has come about. */
  readonly cancels?: true;
  /** An order waits there for its market: where its validity is known it is due when that ends. */
  readonly standsWhileValid?: true;
  /** A payment came: after another end than the settlement it contradicts. */
  readonly pays?: true;
  /** The fact that tells one payment from another; two of them under one reference contradict. */
  readonly identifiedBy?: string;
}

/** The rules of one kind of a partner's object; all that a flow needs to know of it. */
export interface LifecycleTable {
  readonly partner: Partner;
  /** The business calendar, unless the policy names another one; absent: all days but weekends. */
  readonly calendar?: string;
  /** The time zone in which its times recur, unless the policy names another one. */
  readonly timeZone?: string;
  /** The middle word of the workflow id. */
  readonly object: string;
  readonly lifecycle: FollowedLifecycle;
  /** For people: "Bank order". */
  readonly title: string;
  /** False where the partner offers no read: ends need no agreement, overdue findings cannot be made. */
  readonly readable: boolean;
  readonly states: Readonly<Record<string, StateRule>>;
  /** The state an executed quantity must reach, where there is such a state. */
  readonly settlement?: string;
  /** Durations of its lifecycle that belong to no state, by name; overridden like those of states. */
  readonly further?: Readonly<Record<string, DueSetting>>;
  /** Its ends are not for good: the next notification starts it again. */
  readonly wakes?: true;
  /** Its notifications name no status: the object is read after each. */
  readonly statusless?: true;
  /** The tables of its related objects, for whose ends it may wait. */
  readonly names?: readonly LifecycleTable[];
  /** It cannot be read itself; what is read are its related objects. */
  readonly readsOnlyNamed?: true;
  /** The time by which the first notification is due after the object was registered as expected. */
  readonly firstDue: DueSetting;
  /** The words by which its states are told outside, where they are not its object and the partner's own words. */
  readonly messages?: MessageWords;
}

/** The words of the types of an object's messages: `<noun>.<word>`. */
export interface MessageWords {
  /** Absent: the middle word of the workflow id. */
  readonly noun?: string;
  /** Words of states by state; of another one it is the partner's own. */
  readonly words?: Readonly<Record<string, string>>;
  /** The one word for all states, where the table does not name them. */
  readonly anyState?: string;
}

/** The relation of a status that a partner names to the known state. */
export type Comparison = 'same' | 'ahead' | 'behind' | 'contradicting';

/**
 * The age of a status against the known state by the partner's own times; `unknown` where one of them is missing, or
 * they are equal.
 */
export type Age = 'newer' | 'older' | 'unknown';

/**
 * The comparison of a status with the known state, by rank; what may never follow the state, or stands beside it,
 * contradicts. So does a status without a rule. Where the partner may go back (a customer returns to CREATED), its own
 * times decide.
 */
export function compare(table: LifecycleTable, state: string | null, status: string, age: Age = 'unknown'): Comparison {
  // Own names only: `constructor` is a name that every object has.
  const rule = Object.hasOwn(table.states, status) ? table.states[status] : undefined;
  if (rule === undefined) return 'contradicting';
  if (status === state) return 'same';
  const known = state === null ? undefined : table.states[state];
  if (known === undefined || state === null) return 'ahead';
  if (age === 'newer' && rule.mayReturnFrom?.includes(state) === true) return 'ahead';
  if (age === 'older' && known.mayReturnFrom?.includes(status) === true) return 'behind';
  if (rule.neverAfter?.includes(state) === true || rule.rank === known.rank) {
    return age === 'older' ? 'behind' : 'contradicting';
  }
  return rule.rank > known.rank ? 'ahead' : 'behind';
}
