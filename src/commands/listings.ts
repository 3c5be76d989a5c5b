import { problemText } from '../domain/problem';
import { type DeliveryItem, listDeliveries } from '../store/deliveries/list';
import { listRejections } from '../store/deliveries/rejection-list';
import { type FlowItem, listFlows, loadFlow } from '../store/flows/list';
import { withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { counted, inWords, sayJson, table } from './output';
import { sayFlow } from './say-flow';
import { showListing } from './show-listing';

interface ListingOptions {
  readonly json?: boolean;
}

/** `partnerflow overdue`: flows for which something owed has not come in time. */
export async function overdue({ json }: ListingOptions): Promise<ExitCode> {
  return showListing(json, ({ database, flowLink }, page) => listFlows(database, { overdue: true }, page, flowLink), {
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
export async function parked({ json }: ListingOptions): Promise<ExitCode> {
  return showListing(json, ({ database }, page) => listDeliveries(database, { status: 'parked' }, page), {
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
export async function unread({ json }: ListingOptions): Promise<ExitCode> {
  return showListing(json, ({ database }, page) => listDeliveries(database, { unread: true }, page), {
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
