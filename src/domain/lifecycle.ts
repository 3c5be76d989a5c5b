import type { Partner } from './notification';

/** A due time as it is written in a table or in the policy file: an ISO 8601 duration, or business days. */
export type DueSetting = string | { readonly businessDays: number };

/** What one state of a partner's object means. */
export interface StateRule {
  /** Order of the states; the highest rank that a webhook or a read has named is the state. */
  readonly rank: number;
  /** The statuses that would do next; empty where the state is an end. */
  readonly owed: readonly string[];
  /** By when one of them is due. */
  readonly due: DueSetting;
  /** Absent: not an end. `at once`: on the webhook's word. `when read agrees`: money moves, so the object must say so too. */
  readonly ends?: 'at once' | 'when read agrees';
  /** It says that a quantity was executed: the object is read for it, each time. */
  readonly fills?: true;
  /** It takes back what fills said; only a read knows the executed quantity from here on. */
  readonly corrects?: true;
  /** An end that still owes `settlement` when a quantity was executed. */
  readonly settlesWhenExecuted?: true;
  /** The partner may not send a webhook for it: finding it by a read is no lost notification. */
  readonly mayBeSilent?: true;
  /** After these it contradicts: illegal, and read. */
  readonly neverAfter?: readonly string[];
}

/** The pure rules of one kind of subject; everything the interpreter needs to know of it. */
export interface LifecycleTable {
  readonly partner: Partner;
  /** The middle word of the workflow id. */
  readonly object: string;
  readonly lifecycle: 'order';
  /** For people: "Tradevest order". */
  readonly title: string;
  /** False where the partner offers no read: ends need no agreement, overdue findings cannot be made. */
  readonly readable: boolean;
  readonly states: Readonly<Record<string, StateRule>>;
  /** The state an executed quantity must reach. */
  readonly settlement: string;
  /** By when the first notification is due after the object was registered as expected. */
  readonly firstDue: DueSetting;
}

/** How a status a partner names stands to the state we know. */
export type Comparison = 'same' | 'ahead' | 'behind' | 'contradicting';

/** Compares by rank; what may never follow the state, or stands beside it, contradicts. A status without a rule contradicts. */
export function compare(table: LifecycleTable, state: string | null, status: string): Comparison {
  const rule = table.states[status];
  if (rule === undefined) return 'contradicting';
  if (status === state) return 'same';
  const known = state === null ? undefined : table.states[state];
  if (known === undefined || state === null) return 'ahead';
  if (rule.neverAfter?.includes(state) === true || rule.rank === known.rank) return 'contradicting';
  return rule.rank > known.rank ? 'ahead' : 'behind';
}
