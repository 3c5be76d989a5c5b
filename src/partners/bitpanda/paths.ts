import type { ReadPaths } from '../paths';

/** Path that lists the events of a period. It is only assumed (MAPPING.md), so the table can be overridden. */
export const DEFAULT_PATHS: ReadPaths = { events: ['/v1/events'] };
