import type { Partner } from '../domain/partner';
import { notPaidNow, type ObligationState } from '../domain/obligation';
import { listObligations, payObligation } from '../store/ledger/obligations';
import { withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { counted, say, sayJson, table } from './output';
import { showListing } from './show-listing';
import { whoami } from './whoami';

interface ObligationsOptions {
  readonly partner?: Partner;
  readonly user?: string;
  readonly state?: ObligationState;
  readonly json?: boolean;
}

/** `partnerflow obligations`: money that is to be passed on to users. */
export async function obligations({ json, ...filter }: ObligationsOptions): Promise<ExitCode> {
  return showListing(json, ({ database }, page) => listObligations(database, filter, page), {
    none: 'No obligations.',
    some: (items) => {
      const rows = items.map(({ id, userId, caId, instrument, amount, state, dueAt }) => [
        ...[id, userId, caId, instrument, amount, state, dueAt],
      ]);
      const shown = table(['ID', 'USER', 'CORPORATE ACTION', 'INSTRUMENT', 'AMOUNT', 'STATE', 'DUE'], rows);
      const count = counted(items.length, 'obligation', 'obligations');
      return `${shown}\n\n${count}. Once one is passed on: partnerflow obligations paid <id> --reference <text>`;
    },
  });
}

interface PaidOptions {
  readonly reference: string;
  readonly json?: boolean;
}

/** `partnerflow obligations paid`: an obligation was passed on; the same reference again changes nothing. */
export async function obligationPaid(id: string, { reference, json }: PaidOptions): Promise<ExitCode> {
  return withStore(async ({ database }) => {
    const paid = await payObligation(database, id, { by: whoami(), reference });
    if (paid === null) return exitWith(EXIT.found, `No obligation has the id ${id}.`);
    if (paid.reference !== reference) return exitWith(EXIT.found, `${id} was not recorded: ${notPaidNow(paid)}.`);
    if (json === true) sayJson(paid);
    else say(`${paid.id} was paid at ${paid.paidAt ?? '-'} by ${paid.paidBy ?? '-'}: ${paid.reference}`);
    return EXIT.done;
  });
}
