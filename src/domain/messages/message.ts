/** Members of a message's `data`. */
export type MessageData = Readonly<Record<string, unknown>>;

/** Details that a partner gives of a subject beside its state; each is absent where nothing was said. */
export interface ToldDetails {
  readonly userId?: string;
  /** Our own reference, which may name a person. */
  readonly reference?: string;
  readonly reason?: string;
  /** The partner's own time of the last change, as sent. */
  readonly changedAt?: string;
  readonly side?: string;
  readonly sandbox?: string;
  readonly amounts?: readonly { readonly what: string; readonly amount: string; readonly unit: string | null }[];
  readonly facts?: Readonly<Record<string, string>>;
}
