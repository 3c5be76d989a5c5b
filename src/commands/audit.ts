import { type ActionItem, listActions } from '../store/audit';
import type { ExitCode } from './exit-codes';
import { counted, table } from './output';
import { showListing } from './show-listing';

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
export async function audit({ json, ...filter }: AuditOptions): Promise<ExitCode> {
  return showListing(json, ({ database }, page) => listActions(database, filter, page), {
    none: 'Nothing was done.',
    some: (items) => {
      const rows = items.map((one) => [one.at, one.by, one.action, one.target, one.reason, detailsInWords(one)]);
      const shown = table(['AT', 'BY', 'ACTION', 'TARGET', 'REASON', 'DETAILS'], rows);
      return `${shown}\n\n${counted(items.length, 'operator action', 'operator actions')}.`;
    },
  });
}
