import type { Partner } from '../domain/partner';
import type { ObligationState } from '../domain/obligation';
import { listObligations, type ObligationItem, payObligation } from '../store/ledger/obligations';
import { allPages } from '../store/pagination';
import { withStore } from './context';
import { EXIT, type ExitCode } from './exit-codes';
import { complain, counted, say, sayJson, table } from './output';
import { whoami } from './whoami';

interface ObligationsOptions {
  readonly partner?: Partner;
  readonly user?: string;
  readonly state?: ObligationState;
  readonly json?: boolean;
}

function sayObligations(items: readonly ObligationItem[]): void {
  if (items.length === 0) {
    say('No obligations.');
    return;
  }
  const rows = items.map(({ id, userId, caId, instrument, amount, state, dueAt }) => [
    ...[id, userId, caId, instrument, amount, state, dueAt],
  ]);
  say(table(['ID', 'USER', 'CORPORATE ACTION', 'INSTRUMENT', 'AMOUNT', 'STATE', 'DUE'], rows));
  const count = counted(items.length, 'obligation', 'obligations');
  say(`\n${count}. Once one is passed on: partnerflow obligations paid <id> --reference <text>`);
}

/** `partnerflow obligations`: money that is to be passed on to users. */
export async function obligations({ json, ...filter }: ObligationsOptions): Promise<ExitCode> {
  return withStore(async ({ database }) => {
    const listing = await allPages((page) => listObligations(database, filter, page));
    if (json === true) sayJson(listing);
    else sayObligations(listing.items);
    return EXIT.done;
  });
}

interface PaidOptions {
  readonly reference: string;
  readonly json?: boolean;
}

/** `partnerflow obligations paid`: an obligation was passed on; again changes nothing. */
export async function obligationPaid(id: string, { reference, json }: PaidOptions): Promise<ExitCode> {
  return withStore(async ({ database }) => {
    const paid = await payObligation(database, id, { by: whoami(), reference });
    if (paid === null) {
      complain(`No obligation has the id ${id}.`);
      return EXIT.found;
    }
    if (json === true) sayJson(paid);
    else say(`${paid.id} was paid at ${paid.paidAt ?? '-'} by ${paid.paidBy ?? '-'}: ${paid.reference ?? '-'}`);
    return EXIT.done;
  });
}
