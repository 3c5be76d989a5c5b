import type { Partner } from '../domain/partner';
import { listPositions } from '../store/ledger/positions';
import type { ExitCode } from './exit-codes';
import { counted, table } from './output';
import { showListing } from './show-listing';

interface PositionsOptions {
  readonly partner?: Partner;
  readonly user?: string;
  readonly json?: boolean;
}

/** `partnerflow positions`: what users hold, from openings and movements. */
export async function positions({ partner, user, json }: PositionsOptions): Promise<ExitCode> {
  return showListing(json, ({ database }, page) => listPositions(database, { partner, user }, page), {
    none: 'No positions.',
    some: (items) => {
      const rows = items.map((item) => [item.partner, item.userId, item.instrument, item.amount]);
      const shown = table(['PARTNER', 'USER', 'INSTRUMENT', 'AMOUNT'], rows);
      return `${shown}\n\n${counted(items.length, 'position', 'positions')}.`;
    },
  });
}
