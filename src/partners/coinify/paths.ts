import type { ReadPaths } from '../paths';

/** Path that reads a trade. It is only assumed (MAPPING.md), so the table can be overridden. */
export const DEFAULT_PATHS: ReadPaths = { trade: ['/trades/{id}'] };
