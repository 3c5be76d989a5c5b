/** One amount that a partner says of a subject. */
export interface Amount {
  /** Word for what it is: gross, fee, price, in, out, balance … */
  readonly what: string;
  /** Decimal string without exponent, plus sign or trailing zeros. */
  readonly amount: string;
  /** Code of a currency, or `asset:<id>`, `fiat:<id>`; null where the partner names none. */
  readonly unit: string | null;
}

/**
 * Details that a partner gives of a subject beside its state. None of them decides anything; each is absent where nothing
 * was said. Never part of a history, a signal or a log as a whole: the reference may name a person.
 */
export interface SubjectDetails {
  /** The partner's id of its user: a pseudonym. */
  readonly userId?: string;
  /** Our own reference, which may name a person: kept sealed. */
  readonly reference?: string;
  /** Machine-readable word. */
  readonly reason?: string;
  /** The partner's own time of the last change, as sent. */
  readonly changedAt?: string;
  readonly side?: string;
  /** The partner's word for the test domain from which it comes; absent in production. */
  readonly sandbox?: string;
  readonly amounts?: readonly Amount[];
  readonly facts?: Readonly<Record<string, string>>;
}

/** Details with newer ones over them: what the newer ones do not say stays. */
export function mergeDetails(older: SubjectDetails, newer: SubjectDetails): SubjectDetails {
  const amounts = mergeAmounts(older.amounts ?? [], newer.amounts ?? []);
  const facts = { ...older.facts, ...newer.facts };
  return {
    ...older,
    ...newer,
    ...(amounts.length === 0 ? {} : { amounts }),
    ...(Object.keys(facts).length === 0 ? {} : { facts }),
  };
}

/** Amounts with newer ones in the place of older ones. */
export function mergeAmounts(older: readonly Amount[], newer: readonly Amount[]): readonly Amount[] {
  return [...new Map([...older, ...newer].map((amount) => [amountKey(amount), amount])).values()];
}

/** Key under which a newer amount takes the place of an older one. */
export function amountKey({ what, unit }: Amount): string {
  return unit === null ? what : `${what} ${unit}`;
}

/** True where nothing was said. */
export function isEmptyDetails(details: SubjectDetails): boolean {
  return Object.keys(details).length === 0;
}
