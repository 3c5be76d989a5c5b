import type { Partner } from '../domain/partner';
import { allPages } from '../store/pagination';
import { listPositions } from '../store/ledger/positions';
import { withStore } from './context';
import { EXIT, type ExitCode } from './exit-codes';
import { counted, say, sayJson, table } from './output';

interface PositionsOptions {
  readonly partner?: Partner;
  readonly user?: string;
  readonly json?: boolean;
}

/** `partnerflow positions`: what users hold, from openings and movements. */
export async function positions({ partner, user, json }: PositionsOptions): Promise<ExitCode> {
  return withStore(async ({ database }) => {
    const { items, next } = await allPages((page) => listPositions(database, { partner, user }, page));
    if (json === true) sayJson({ items, next });
    else if (items.length === 0) say('No positions.');
    else {
      const rows = items.map((item) => [item.partner, item.userId, item.instrument, item.amount]);
      say(table(['PARTNER', 'USER', 'INSTRUMENT', 'AMOUNT'], rows));
      say(`\n${counted(items.length, 'position', 'positions')}.`);
    }
    return EXIT.done;
  });
}
