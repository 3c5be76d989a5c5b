import { PARTNERS } from '../partners';
import { readReport, type Report, type ReportItem } from '../store/report';
import { withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { filterProblem } from './options';
import { counted, say, sayJson, table } from './output';

/** Options of `partnerflow report`. */
export interface ReportOptions {
  readonly partner?: string;
  readonly from: string;
  readonly to?: string;
  readonly json?: boolean;
}

/** Longest time for a statement: it counts all that came in the window. */
const QUERY_TIMEOUT_MS = 300_000;
const MOST_DAYS = 366;

/** `partnerflow report`: what came in a window, and what was lost, recovered, late, and is still owed. */
export async function report({ partner, from, to: end, json }: ReportOptions): Promise<ExitCode> {
  const problem = filterProblem(partner === undefined ? {} : { partner }, PARTNERS.names);
  if (problem !== null) return exitWith(EXIT.wrongUse, problem);
  const to = end ?? new Date().toISOString();
  if (to <= from || Date.parse(to) - Date.parse(from) > MOST_DAYS * 86_400_000)
    return exitWith(EXIT.wrongUse, `--to: expected a time after --from, at most ${MOST_DAYS} days.`);
  return withStore(
    async ({ database, flowLink }) => {
      const found = await readReport(database, { partner: partner ?? null, from, to }, flowLink);
      if (json === true) sayJson(found);
      else say(reportInWords(found));
      return found.complete ? EXIT.done : EXIT.found;
    },
    { queryTimeoutMs: QUERY_TIMEOUT_MS },
  );
}

function reportInWords(shown: Report): string {
  const { partner, from, to, came, lost, recovered, late, open, complete } = shown;
  const kinds = Object.entries(came).filter(([kind, count]) => kind !== 'total' && count > 0);
  return [
    `${partner ?? 'all partners'}, from ${from} to ${to}`,
    `${counted(came.total, 'webhook came', 'webhooks came')}: ${kinds.map(([kind, count]) => `${count} ${kind}`).join(', ') || 'none'}`,
    ...thingsInWords('lost: it never came, and was learned by a read or a sweep', lost),
    ...thingsInWords('recovered', recovered),
    ...thingsInWords('late', late),
    ...openInWords(open),
    complete ? 'Nothing of the window is missing.' : 'Something of the window is still missing, or waits.',
  ].join('\n\n');
}

function thingsInWords(what: string, { count, items }: Report['lost']): readonly string[] {
  if (count === 0) return [`0 ${what.split(':')[0] ?? what}`];
  const rows = items.map((item: ReportItem) => [
    ...[item.at, item.workflowId, item.how, item.event, item.state, item.found, item.deliveryId],
  ]);
  const more = count > items.length ? `\n… and ${count - items.length} more` : '';
  return [`${count} ${what}\n${table(['AT', 'SUBJECT', 'BY', 'EVENT', 'STATE', 'FOUND', 'DELIVERY'], rows)}${more}`];
}

function openInWords({ count, items }: Report['open']): readonly string[] {
  if (count === 0) return ['0 open flows for which something was due'];
  const rows = items.map((flow) => [flow.workflowId, flow.state, flow.waitingFor.join(', '), flow.dueAt, flow.finding]);
  const more = count > items.length ? `\n… and ${count - items.length} more` : '';
  return [
    `${counted(count, 'open flow', 'open flows')} for which something was due\n${table(['SUBJECT', 'STATE', 'WAITING FOR', 'DUE', 'FINDING'], rows)}${more}`,
  ];
}
