/** What each of the 116 becomes when all are posted once, in their order, to one store. */
export const WHOLE_INDEX: readonly string[] = [];
