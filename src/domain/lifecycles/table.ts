import type { FollowedLifecycle } from '../lifecycle';
import type { Partner } from '../partner';

/** A due time as it is written in a table or in the policy file: an ISO 8601 duration, or business days. */
export type DueSetting = string | { readonly businessDays: number };

/** Rule of one state of a partner's object. */
export interface StateRule {
  /** Order of the states; the highest rank that a webhook or a read has named is the state. */
  readonly rank: number;
  /** The statuses that would do next; empty where the state is an end. */
  readonly owed: readonly string[];
  /** By when one of them is due. */
  readonly due: DueSetting;
  /**
   * Absent: not an end. `at once`: on the webhook's word. `when read agrees`: money moves, so the object must say so
   * too. `when read`: the object is read and recorded, whatever it says. `when those named have ended`: the objects
   * that the read names must have ended as well. `when judged`: those named tell how a rejection is meant.
   */
  readonly ends?:
    | 'at once'
    | 'when read agrees'
    | 'when read'
    | 'when those named have ended'
    | 'when those named are read'
    | 'when judged';
  /** Nothing is owed, and yet it is no end: the flow closes until there is news. */
  readonly rests?: true;
  /** A fact that the read must bring before the end. */
  readonly readFor?: string;
  /** The object is read on the way, for what only a read shows. */
  readonly reads?: true;
  /** From these the partner may go back to it; believed when its own time says that it is newer. */
  readonly mayReturnFrom?: readonly string[];
  /** A shorter due time for reasons that end so. */
  readonly urgent?: { readonly reasonEndsWith: string; readonly due: DueSetting };
  /** It says that a quantity was executed: the object is read for it, each time. */
  readonly fills?: true;
  /** It takes back what fills said; only a read knows the executed quantity from here on. */
  readonly corrects?: true;
  /** An end that still owes `settlement` when a quantity was executed. */
  readonly settlesWhenExecuted?: true;
  /** The partner may not send a webhook for it: finding it by a read is no lost notification. */
  readonly mayBeSilent?: true;
  /** Our own backend is told when a partner has ended the object so. */
  readonly tells?: 'order.settled' | 'transfer.done';
  /** After these it contradicts: illegal, and read. */
  readonly neverAfter?: readonly string[];
}

/** The pure rules of one kind of subject; everything the interpreter needs to know of it. */
export interface LifecycleTable {
  readonly partner: Partner;
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
  /** Its ends are not for good: news wakes it. */
  readonly wakes?: true;
  /** Its notifications name no status: each says that the object is to be read. */
  readonly statusless?: true;
  /** The tables of the objects that its own may name, and whose ends it waits for. */
  readonly names?: readonly LifecycleTable[];
  /** It cannot be read itself; what is read are the objects its notifications name. */
  readonly readsOnlyNamed?: true;
  /** By when the first notification is due after the object was registered as expected. */
  readonly firstDue: DueSetting;
}

/** Relation of a status that a partner names to the known state. */
export type Comparison = 'same' | 'ahead' | 'behind' | 'contradicting';

/**
 * Age of a status relative to the state by the partner's own times; `unknown` where one of them is missing, or they
 * are equal.
 */
export type Age = 'newer' | 'older' | 'unknown';

/**
 * Compares by rank; what may never follow the state, or stands beside it, contradicts. A status without a rule contradicts.
 * Where the partner may go back (a customer returns to CREATED), its own times decide.
 */
export function compare(table: LifecycleTable, state: string | null, status: string, age: Age = 'unknown'): Comparison {
  // Own words only: `constructor` is a word that every object knows.
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
