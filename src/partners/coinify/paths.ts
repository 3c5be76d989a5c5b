import type { ReadPaths } from '../paths';

/** Where a trade is read. The path is only assumed (MAPPING.md), so the table can be overridden. */
export const DEFAULT_PATHS: ReadPaths = { trade: ['/trades/{id}'] };
