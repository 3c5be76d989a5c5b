import { createRunningCheck } from '../operator/actions';
import { type Balance, type PartnerBalance, readBalances } from '../store/stats/balance';
import { withStore } from './context';
import { EXIT, type ExitCode } from './exit-codes';
import { say, sayJson, table } from './output';
import { withTemporal } from './temporal';

function sayBalance(balance: Balance): void {
  const { received, pending, duplicate, parked, delivered } = balance;
  const { open, applied, repeated, late, illegal, abandoned } = balance;
  say(
    `received   ${received} = pending ${pending} + duplicate ${duplicate} + parked ${parked} + delivered ${delivered}`,
  );
  say(
    `delivered  ${delivered} = open ${open} + applied ${applied} + repeated ${repeated} + late ${late}` +
      ` + illegal ${illegal} + abandoned ${abandoned}`,
  );
  say(`rejected   ${balance.rejected}`);
  say(`recovered  ${balance.recovered}`);
  const { openWithoutFlow } = balance;
  if (openWithoutFlow === null) say('Temporal is away: whether every open delivery has a running flow is not known.');
  else if (openWithoutFlow > 0) say(`Open deliveries whose flow no longer runs: ${openWithoutFlow}.`);
  say(balance.balanced ? 'Balanced: every delivery is accounted for.' : 'NOT balanced.');
}

/** Counts by partner: those recovered beside those received show which partner loses webhooks. */
function sayPartners(partners: readonly PartnerBalance[]): void {
  const rows = partners.map(({ partner, received, recovered, rejected }) => [
    partner,
    String(received),
    String(recovered),
    String(rejected),
  ]);
  say(`\n${table(['PARTNER', 'RECEIVED', 'RECOVERED', 'REJECTED'], rows)}`);
  say('Recovered: no webhook said so, an overdue read or a sweep did.');
}

/** `partnerflow balance`: is every delivery accounted for? */
export async function balance({ json }: { readonly json?: boolean }): Promise<ExitCode> {
  return withStore(({ configuration, database }) =>
    withTemporal(configuration, async (client) => {
      const { all, partners } = await readBalances(database, createRunningCheck(client), configuration.partners.names);
      if (json === true) sayJson(all);
      else {
        sayBalance(all);
        sayPartners(partners);
      }
      return all.balanced ? EXIT.done : EXIT.found;
    }),
  );
}
