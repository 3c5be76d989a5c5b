import { type DeliveryItem, listDeliveries } from '../store/deliveries/list';
import { allPages } from '../store/pagination';
import { listRejections } from '../store/deliveries/rejection-list';
import { type FlowItem, listFlows, loadFlow } from '../store/flows/list';
import { withStore } from './context';
import { EXIT, type ExitCode } from './exit-codes';
import { complain, counted, inWords, say, sayJson, table } from './output';
import { sayFlow } from './say-flow';

interface ListingOptions {
  readonly json?: boolean;
}

/** Oldest first: what has been owed longest is what an operator looks at first. */
function byDue(flows: readonly FlowItem[]): readonly FlowItem[] {
  return [...flows].sort((one, other) => (one.dueAt ?? '').localeCompare(other.dueAt ?? ''));
}

function sayOverdue(flows: readonly FlowItem[]): void {
  if (flows.length === 0) {
    say('Nothing is overdue.');
    return;
  }
  const rows = byDue(flows).map((flow) => [
    flow.workflowId,
    flow.state,
    flow.waitingFor.join(', '),
    flow.dueAt,
    flow.finding,
    flow.dueAt === null ? null : inWords(Date.now() - Date.parse(flow.dueAt)),
    flow.url,
  ]);
  say(table(['WORKFLOW ID', 'STATE', 'WAITING FOR', 'DUE', 'FINDING', 'LATE BY', 'TEMPORAL UI'], rows));
  say(`\n${counted(flows.length, 'flow is', 'flows are')} overdue. More of one: partnerflow flow <workflow id>`);
}

/** `partnerflow overdue`: flows for which something owed has not come in time. */
export async function overdue({ json }: ListingOptions): Promise<ExitCode> {
  return withStore(async ({ database, flowLink }) => {
    const listing = await allPages((page) => listFlows(database, { overdue: true }, page, flowLink));
    if (json === true) sayJson(listing);
    else sayOverdue(listing.items);
    return listing.items.length === 0 ? EXIT.done : EXIT.found;
  });
}

function sayParked(deliveries: readonly DeliveryItem[]): void {
  if (deliveries.length === 0) {
    say('Nothing is parked.');
    return;
  }
  for (const { id, partner, route, receivedAt, event, problem } of deliveries) {
    say(`${id}  ${receivedAt}  ${partner}  ${route}${event === null ? '' : `  ${event}`}`);
    if (problem !== null) say(`  ${problem.path}: expected ${problem.expected}; found ${problem.found}`);
  }
  const what = counted(deliveries.length, 'delivery is', 'deliveries are');
  say(`\n${what} parked. Once the cause is gone: partnerflow retry <delivery id>…, or --all`);
}

/** `partnerflow parked`: deliveries that were kept and not understood, each with its problem. */
export async function parked({ json }: ListingOptions): Promise<ExitCode> {
  return withStore(async ({ database }) => {
    const listing = await allPages((page) => listDeliveries(database, { status: 'parked' }, page));
    if (json === true) sayJson(listing);
    else sayParked(listing.items);
    return listing.items.length === 0 ? EXIT.done : EXIT.found;
  });
}

/** `partnerflow rejected`: requests that were answered 401. */
export async function rejected({ json }: ListingOptions): Promise<ExitCode> {
  return withStore(async ({ database }) => {
    const listing = await allPages((page) => listRejections(database, page));
    if (json === true) sayJson(listing);
    else if (listing.items.length === 0) say('Nothing was refused.');
    else {
      const rows = listing.items.map(({ at, partner, route, reason, bodyBytes }) => [
        at,
        partner,
        route,
        reason,
        String(bodyBytes),
      ]);
      say(table(['AT', 'PARTNER', 'ROUTE', 'REASON', 'BYTES'], rows));
      say(`\n${counted(listing.items.length, 'refused request is', 'refused requests are')} kept.`);
    }
    return EXIT.done;
  });
}

/** `partnerflow flow <workflow id>`: all that is known of one flow. */
export async function flow(workflowId: string, { json }: ListingOptions): Promise<ExitCode> {
  return withStore(async ({ database, flowLink }) => {
    const found = await loadFlow(database, workflowId, flowLink);
    if (found === null) {
      complain(`No flow has the workflow id ${workflowId}.`);
      return EXIT.found;
    }
    if (json === true) sayJson(found);
    else sayFlow(found);
    return EXIT.done;
  });
}
