import type { PageRequest } from '../../store/pagination';

const DEFAULT_LIMIT = 50;

/** The page a checked query asks for. */
export function pageRequest(query: {
  readonly limit?: string | undefined;
  readonly after?: string | undefined;
}): PageRequest {
  return { limit: query.limit === undefined ? DEFAULT_LIMIT : Number(query.limit), after: query.after ?? null };
}
