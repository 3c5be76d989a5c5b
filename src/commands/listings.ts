import { problemText } from '../domain/problem';
import { PARTNERS } from '../partners';
import { type DeliveryItem, listDeliveries } from '../store/deliveries/list';
import { listRejections } from '../store/deliveries/rejection-list';
import { type FlowItem, listFlows, loadFlow } from '../store/flows/list';
import type { Page, PageRequest } from '../store/pagination';
import { type OperatorContext, withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { type FilterOptions, filterProblem } from './options';
import { counted, inWords, sayJson, table } from './output';
import { sayFlow } from './say-flow';
import { showListing } from './show-listing';

interface ListingOptions extends FilterOptions {
  readonly json?: boolean;
}

/** Listing of a command that takes a filter. */
async function showFiltered<T>(
  { json, ...filter }: ListingOptions,
  load: (context: OperatorContext, filter: FilterOptions, page: PageRequest) => Promise<Page<T>>,
  texts: Parameters<typeof showListing<T>>[2],
): Promise<ExitCode> {
  const problem = filterProblem(filter, PARTNERS.names);
  if (problem !== null) return exitWith(EXIT.wrongUse, problem);
  return showListing(json, (context, page) => load(context, filter, page), texts);
}

/** `partnerflow overdue`: flows for which something owed has not come in time. */
export async function overdue(options: ListingOptions): Promise<ExitCode> {
  const load = ({ database, flowLink }: OperatorContext, filter: FilterOptions, page: PageRequest) =>
    listFlows(database, { ...filter, overdue: true }, page, flowLink);
  return showFiltered(options, load, {
    none: 'Nothing is overdue.',
    some: overdueInWords,
    codeOfSome: EXIT.found,
  });
}

function overdueInWords(flows: readonly FlowItem[]): string {
  const rows = byDue(flows).map(({ workflowId, state, waitingFor, dueAt, finding, url }) => {
    const late = dueAt === null ? null : inWords(Date.now() - Date.parse(dueAt));
    return [workflowId, state, waitingFor.join(', '), dueAt, finding, late, url];
  });
  const shown = table(['WORKFLOW ID', 'STATE', 'WAITING FOR', 'DUE', 'FINDING', 'LATE BY', 'TEMPORAL UI'], rows);
  const count = counted(flows.length, 'flow is', 'flows are');
  return `${shown}\n\n${count} overdue. More of one: partnerflow flow <workflow id>`;
}

/** Oldest first: what has been owed longest is what an operator looks at first. */
function byDue(flows: readonly FlowItem[]): readonly FlowItem[] {
  return [...flows].sort((one, other) => (one.dueAt ?? '').localeCompare(other.dueAt ?? ''));
}

/** `partnerflow parked`: deliveries that were kept and not understood, each with its problem. */
export async function parked(options: ListingOptions): Promise<ExitCode> {
  const load = ({ database }: OperatorContext, filter: FilterOptions, page: PageRequest) =>
    listDeliveries(database, { ...filter, status: 'parked' }, page);
  return showFiltered(options, load, {
    none: 'Nothing is parked.',
    some: parkedInWords,
    codeOfSome: EXIT.found,
  });
}

function parkedInWords(deliveries: readonly DeliveryItem[]): string {
  const lines = deliveries.flatMap(({ id, partner, route, receivedAt, event, problem }) => [
    `${id}  ${receivedAt}  ${partner}  ${route}${event === null ? '' : `  ${event}`}`,
    ...(problem === null ? [] : [`  ${problem.path}: expected ${problem.expected}; found ${problem.found}`]),
  ]);
  const what = counted(deliveries.length, 'delivery is', 'deliveries are');
  const hint = `${what} parked. Once the cause is gone: partnerflow retry <delivery id>…, or --all`;
  return [...lines, '', hint].join('\n');
}

/** `partnerflow unread`: deliveries with fields that decide nothing and could not be read. */
export async function unread(options: ListingOptions): Promise<ExitCode> {
  const load = ({ database }: OperatorContext, filter: FilterOptions, page: PageRequest) =>
    listDeliveries(database, { ...filter, unread: true }, page);
  return showFiltered(options, load, {
    none: 'Every field was read.',
    some: unreadInWords,
  });
}

function unreadInWords(deliveries: readonly DeliveryItem[]): string {
  const lines = deliveries.flatMap((delivery) => [
    `${delivery.id}  ${delivery.receivedAt}  ${delivery.partner}  ${delivery.event ?? delivery.route}`,
    ...(delivery.unread ?? []).map((problem) => `  ${problemText(problem)}`),
  ]);
  const what = counted(deliveries.length, 'delivery has', 'deliveries have');
  return [...lines, '', `${what} fields that were left unread. They decide nothing; the bodies have them.`].join('\n');
}

/** `partnerflow rejected`: requests that were answered 401. */
export async function rejected({ json }: ListingOptions): Promise<ExitCode> {
  return showListing(json, ({ database }, page) => listRejections(database, page), {
    none: 'Nothing was refused.',
    some: (items) => {
      const rows = items.map((one) => [one.at, one.partner, one.route, one.reason, String(one.bodyBytes)]);
      const count = counted(items.length, 'refused request is', 'refused requests are');
      return `${table(['AT', 'PARTNER', 'ROUTE', 'REASON', 'BYTES'], rows)}\n\n${count} kept.`;
    },
  });
}

/** `partnerflow flow <workflow id>`: all that is known of one flow. */
export async function flow(workflowId: string, { json }: ListingOptions): Promise<ExitCode> {
  return withStore(async ({ database, flowLink, encryption }) => {
    const found = await loadFlow(database, workflowId, flowLink, encryption);
    if (found === null) return exitWith(EXIT.found, `No flow has the workflow id ${workflowId}.`);
    if (json === true) sayJson(found);
    else sayFlow(found);
    return EXIT.done;
  });
}
