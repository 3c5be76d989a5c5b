import { createRunningCheck } from '../operator/actions';
import { type Balance, type PartnerBalance, readBalances } from '../store/stats/balance';
import { auditCounts, type CountsAudit } from '../store/stats/audit';
import { type OperatorContext, withStore } from './context';
import { EXIT, type ExitCode } from './exit-codes';
import { complain, counted, say, sayJson, table } from './output';
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

/** A count of all deliveries of many years takes longer than a listing may. */
const AUDIT_TIMEOUT_MS = 3_600_000;

/** Counts of all deliveries compared with their rows; what differs is told, and corrected. */
async function auditAll(database: OperatorContext['database']): Promise<CountsAudit> {
  const audit = await auditCounts(database, (day, done, days) => complain(`${day} counted, ${done} of ${days} days`));
  for (const { day, partner, source, kind, counted: count, rows } of audit.corrections)
    complain(
      `${day} ${partner}: ${count} of ${source} were counted as ${kind}, there are rows for ${rows}; corrected.`,
    );
  for (const { day, partner, received, rows } of audit.missing)
    complain(`${day} ${partner}: ${counted(received, 'delivery', 'deliveries')} received, there are rows for ${rows}.`);
  return audit;
}

/** `partnerflow balance`: is every delivery accounted for? With `--audit` all rows are counted again first. */
export async function balance({
  json,
  audit,
}: {
  readonly json?: boolean;
  readonly audit?: boolean;
}): Promise<ExitCode> {
  return withStore(
    ({ configuration, database }) =>
      withTemporal(configuration, async (client) => {
        const audited = audit === true ? await auditAll(database) : null;
        const { all, partners } = await readBalances(
          database,
          createRunningCheck(client),
          configuration.partners.names,
        );
        if (json === true) sayJson(audited === null ? all : { ...all, audit: audited });
        else {
          sayBalance(all);
          sayPartners(partners);
        }
        const differs = audited !== null && audited.corrections.length + audited.missing.length > 0;
        return all.balanced && !differs ? EXIT.done : EXIT.found;
      }),
    audit === true ? { queryTimeoutMs: AUDIT_TIMEOUT_MS } : {},
  );
}
