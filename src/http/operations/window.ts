import type { TypeOf, PartialC } from 'io-ts';

import { namedMoment } from '../../domain/moments';
import { isOfWindow } from '../../store/flows/list';
import { windowKeyOf } from '../../store/flows/window';
import { Id, NamedMoment, Name } from './fields';
import { badValue } from './problems';

/** Fields of a window of time, and of what came in it. */
export const WINDOW_FIELDS = { since: NamedMoment, until: NamedMoment, route: Name, event: Name, user: Id } as const;

/** Values of the fields of a window. */
export type WindowQuery = TypeOf<PartialC<typeof WINDOW_FIELDS>>;

/** Filter of a window, as the store takes it. */
export interface WindowFilter {
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly route: string | undefined;
  readonly event: string | undefined;
  readonly user: string | undefined;
}

/** Filter of a checked query, its times ISO 8601 UTC. Throws a `ProblemError` for a window that ends before it begins. */
export function windowOf({ route, event, user, ...query }: WindowQuery): WindowFilter {
  const since = momentOf(query.since);
  const until = momentOf(query.until);
  if (since !== undefined && until !== undefined && since > until)
    throw badValue({ path: 'until', expected: 'a time not before since', found: until });
  return { since, until, route, event, user };
}

function momentOf(given: string | undefined): string | undefined {
  return given === undefined ? undefined : (namedMoment(given) ?? undefined);
}

/** Throws a `ProblemError` for the cursor of another listing: it would begin anywhere. */
export function checkFlowCursor(query: WindowQuery & { readonly after?: string | undefined }): void {
  const { after } = query;
  if (after === undefined || isOfWindow(query) === (windowKeyOf(after) !== null)) return;
  throw badValue({ path: 'after', expected: 'the `next` of the page before', found: 'that of another listing' });
}
