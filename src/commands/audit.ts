import { canonicalParts } from '../domain/canonical-id';
import { type ActionItem, listActions } from '../store/audit';
import { allPages } from '../store/pagination';
import { withStore } from './context';
import { EXIT, type ExitCode } from './exit-codes';
import { counted, say, sayJson, table } from './output';

/** The filter of operator actions; absent: all. */
export interface AuditOptions {
  readonly target?: string;
  readonly by?: string;
  readonly action?: string;
  readonly json?: boolean;
}

function detailsInWords({ details }: ActionItem): string {
  return Object.entries(details)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

/** `partnerflow audit`, also called `deeds`: the actions of operators, the newest first. */
export async function audit({ json, target, ...filter }: AuditOptions): Promise<ExitCode> {
  const wanted = { ...filter, ...(target === undefined ? {} : { target: canonicalParts(target) }) };
  return withStore(async ({ database }) => {
    const listing = await allPages((page) => listActions(database, wanted, page));
    if (json === true) sayJson(listing);
    else if (listing.items.length === 0) say('Nothing was done.');
    else {
      const rows = listing.items.map((one) => [
        ...[one.at, one.by, one.action, one.target, one.reason, detailsInWords(one)],
      ]);
      say(table(['AT', 'BY', 'ACTION', 'TARGET', 'REASON', 'DETAILS'], rows));
      say(`\n${counted(listing.items.length, 'operator action', 'operator actions')}.`);
    }
    return EXIT.done;
  });
}
