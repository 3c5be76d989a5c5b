import type { ReadPaths } from '../paths';

/** Where the events of a stretch of time are listed. The path is only assumed (MAPPING.md), so the table can be overridden. */
export const DEFAULT_PATHS: ReadPaths = { events: ['/v1/events'] };
