import { type ErasureReport, erasePerson } from '../operator/erase';
import { PARTNERS } from '../partners';
import type { Some } from '../store/erasure/left';
import { withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { complain, createProgress, say, sayJson, table } from './output';
import { whoami } from './whoami';

interface EraseOptions {
  readonly user: string;
  readonly partner?: string;
  readonly reason: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Far more than one page of deliveries takes. */
const QUERY_TIMEOUT_MS = 60_000;

/** `partnerflow erase`: removes what is kept of a person; states, amounts and ids of partners stay. May be repeated. */
export async function erase({ user, partner, reason, dryRun = false, json }: EraseOptions): Promise<ExitCode> {
  if (partner !== undefined && PARTNERS.module(partner) === undefined)
    return exitWith(EXIT.wrongUse, `partner: expected one of ${PARTNERS.names.join(', ')}, found ${partner}`);
  return withStore(
    async ({ configuration, database, encryption }) => {
      const progress = createProgress((words: string) => complain(`${words} places`));
      const dependencies = { database, encryption, partners: configuration.partners.names, onProgress: progress };
      const request = { userId: user, partner: partner ?? null, reason, dryRun, by: whoami() };
      const report = await erasePerson(dependencies, request);
      if (json === true) sayJson(report);
      else show(report);
      return report.subjects + report.erased.deliveries === 0 ? EXIT.found : EXIT.done;
    },
    { queryTimeoutMs: QUERY_TIMEOUT_MS },
  );
}

function show({ dryRun, subjects, erased, left }: ErasureReport): void {
  const verb = dryRun ? 'would be erased' : 'erased';
  say(`${subjects} subjects of the user; ${verb}:`);
  const kinds = Object.entries(erased).filter(([kind]) => !dryRun || kind === 'deliveries');
  say(
    table(
      ['WHAT', 'NUMBER'],
      kinds.map(([kind, count]) => [kind, String(count)]),
    ),
  );
  say('\nLeft, because nobody can say whose it is, or because it is still needed:');
  say(table(['WHAT', 'NUMBER', 'SOME OF THEM'], rowsOfLeft(left)));
}

function rowsOfLeft({ parked, refused, openFlows, pending, messages, trades }: ErasureReport['left']) {
  const row = (what: string, { count, ids }: Some): string[] => [what, String(count), ids.slice(0, SHOWN).join(' ')];
  return [
    row('parked deliveries of the partners', parked),
    row('refused requests of the partners', refused),
    row('open flows of the user', openFlows),
    ['deliveries that wait for dispatch', String(pending), ''],
    ['messages that are not sent yet', String(messages), ''],
    ['own trades, by their references', String(trades), ''],
  ];
}

const SHOWN = 3;
