/**
 * What became of one of many flows: done; it would be asked (a dry run); it has ended; it refused; no worker answered; or
 * it was not asked, because no worker had answered for another.
 */
export const ASKED_RESULTS = ['done', 'would-be-asked', 'ended', 'refused', 'no-worker', 'not-asked'] as const;
export type AskedResult = (typeof ASKED_RESULTS)[number];
