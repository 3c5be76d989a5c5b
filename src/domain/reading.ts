import type { Execution } from './notification';

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
}
