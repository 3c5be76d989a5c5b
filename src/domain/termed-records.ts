/** Records that may have a term: ids of events, alerts, and the actions of operators. */
export const TERMED_RECORDS = ['keys', 'alerts', 'audit'] as const;
/** Kind of record that may have a term. */
export type TermedRecord = (typeof TERMED_RECORDS)[number];

/** Days after which records are removed, by kind; those of a kind that is absent are kept for ever. */
export type RecordDays = Readonly<Partial<Record<TermedRecord, number>>>;
