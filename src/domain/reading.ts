import type { Amount } from './details';
import type { Execution } from './notification';
import type { Subject } from './subject';

/** The result of reading an object, as a flow folds it. */
export type Reading =
  | {
      readonly kind: 'object';
      readonly status: string;
      readonly executions: readonly Execution[];
      /** Null where the answer does not show whether a quantity was executed. */
      readonly quantityExecuted: boolean | null;
      readonly reason: string | null;
      /** Details that only a read shows, for instance the id of a document that an identification made. */
      readonly facts?: Readonly<Record<string, string>>;
      /** Absent where none is shown. */
      readonly amounts?: readonly Amount[];
      /** Related objects, `<object>:<id>`, with their states as far as they are known. */
      readonly named?: Readonly<Record<string, string | null>>;
    }
  /** 404 on every path. */
  | { readonly kind: 'absent' }
  /** Not read although tried; `cause` is a word of the table of causes. */
  | { readonly kind: 'unreachable'; readonly cause: string };

/** A reading together with whether deliveries received before it were still undispatched: then nothing may be called missed. */
export interface ReadResult {
  readonly reading: Reading;
  readonly backlog: boolean;
  /**
   * Time at which the flow asked for it, by the flow's own clock, ISO 8601 UTC; an answer older than what it is held
   * against proves nothing. Absent where nobody says: then it is as new as can be.
   */
  readonly askedAt?: string;
}

/** True for an answer that was asked for before the plan it is held against was made, or before the present wait began. */
export function isOlderThan(
  { askedAt }: Pick<ReadResult, 'askedAt'>,
  { since, read }: Pick<Subject, 'since' | 'read'>,
): boolean {
  if (askedAt === undefined) return false;
  const askedMs = Date.parse(askedAt);
  return Date.parse(since) > askedMs || (read !== null && Date.parse(read.at) > askedMs);
}
