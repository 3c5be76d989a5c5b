import { listOverdueFlows, overdueKeyOf } from '../../store/flows/overdue';
import type { Page } from '../../store/pagination';
import { storyOf } from '../../operator/subject-file/story';
import { deliveriesOfSubject } from '../../store/deliveries/of-subject';
import { type FlowItem, listFlows } from '../../store/flows/list';
import { loadReadableDetails } from '../../store/flows/details';
import { loadRecord } from '../../store/flows/record';
import { fromStore, type OperationsDependencies } from '../operations/dependencies';
import { FlowCursor, LifecycleName, Limit, oneOf, partnerName, text, WorkflowId } from '../operations/fields';
import { pageRequest } from '../operations/paging';
import { badValue, ProblemError } from '../operations/problems';
import { checkFlowCursor, WINDOW_FIELDS, windowOf } from '../operations/window';
import type { Act } from './acting';
import { actionBody, askMany } from './many-flows';
import { checked, firstOf, nextOf, type PageRoute, type Reply, screen, type Visit } from './route';
import { addresses } from './views/addresses';
import { type FlowAction, isFlowAction } from './views/flow-forms';
import { FLOW_CHOICES, FlowsView } from './views/flows-view';
import { ConfirmView, ResultView } from './views/many-flows-view';
import { OneFlowView } from './views/one-flow-view';

const ShownFlows = oneOf(FLOW_CHOICES);
const OverdueCursor = text('the `next` of the page before', (value) => overdueKeyOf(value) !== null, {});

/** Many more would neither be read before they are confirmed nor fit into one form. */
const MOST_AT_ONCE = 100;

async function flowsOf(
  { database, flowLink, partners }: OperationsDependencies,
  query: Visit['query'],
  show: (typeof FLOW_CHOICES)[number],
): Promise<Page<FlowItem>> {
  const fields = { show: ShownFlows, partner: partnerName(partners), lifecycle: LifecycleName, limit: Limit };
  const window = windowOf(checked(WINDOW_FIELDS, query));
  const isFiltered = Object.values(window).some((value) => value !== undefined);
  // What has waited longest stands first, unless somebody looks for what came in a window.
  if (show === 'overdue' && !isFiltered) {
    const filter = checked({ ...fields, after: OverdueCursor }, query);
    return fromStore(() => listOverdueFlows(database, filter, pageRequest(filter), flowLink));
  }
  const { partner, lifecycle, limit, after } = checked({ ...fields, after: FlowCursor }, query);
  checkFlowCursor({ ...checked(WINDOW_FIELDS, query), after });
  const kind = show === 'overdue' ? { overdue: true } : { open: show === 'open' };
  const filter = { partner, lifecycle, ...window, ...kind };
  return fromStore(() => listFlows(database, filter, pageRequest({ limit, after }), flowLink));
}

async function listing(dependencies: OperationsDependencies, { query, now, formToken }: Visit): Promise<Reply> {
  const { show = 'overdue' } = checked({ show: ShownFlows }, { show: query.show ?? '' });
  const { items, next } = await flowsOf(dependencies, query, show);
  const { partners } = dependencies;
  const { partner, lifecycle } = checked({ partner: partnerName(partners), lifecycle: LifecycleName }, query);
  const content = FlowsView({
    ...{
      show,
      partner,
      partners,
      lifecycle,
      window: windowOf(checked(WINDOW_FIELDS, query)),
      flows: items,
      now,
      formToken,
    },
    next: nextOf(addresses.flows, query, next),
    first: query.after === undefined ? null : firstOf(addresses.flows, { ...query, show }),
  });
  return screen('Flows', 'flows', content);
}

/** Newest deliveries of a story; the file of evidence has more. */
const MOST_TOLD = 200;

async function oneFlow(dependencies: OperationsDependencies, visit: Visit): Promise<Reply> {
  const { id, query, now, formToken } = visit;
  const record = await fromStore(() => loadRecord({ ...dependencies, encryption: null }, id));
  if (record === null) throw new ProblemError(404, 'No flow has this workflow id.');
  const { database, encryption } = dependencies;
  const details = await fromStore(() => loadReadableDetails(database, encryption, [record.flow.workflowId]));
  const flow = { ...record.flow, reference: details.get(record.flow.workflowId)?.reference ?? null };
  const deliveries = await fromStore(() => deliveriesOfSubject(dependencies.database, flow.workflowId, MOST_TOLD));
  const story = storyOf(record, deliveries);
  const done = typeof query.done === 'string' && isFlowAction(query.done) ? query.done : null;
  return screen(flow.workflowId, null, OneFlowView({ flow, story, done, now, formToken }));
}

async function evidenceFile({ subjectFile }: OperationsDependencies, { id, who }: Visit): Promise<Reply> {
  const file = await fromStore(() => subjectFile(id, who));
  if (file === null) throw new ProblemError(404, 'No flow has this workflow id.');
  return { kind: 'file', name: file.name, type: 'application/zip', content: file.content };
}

function actionOf({ form }: Visit): FlowAction {
  const action = form.text('action');
  if (!isFlowAction(action))
    throw badValue({ path: 'action', expected: 'refetch, extend or resolve', found: 'another' });
  return action;
}

/** The flows a form names, each once. */
function namedBy({ form }: Visit): readonly string[] {
  const names = form.text('which') === 'shown' ? form.all('shown') : form.all('ticked');
  const workflowIds = [...new Set(names)];
  if (workflowIds.length === 0)
    throw new ProblemError(400, 'No flow was ticked: go back and tick those that are meant.');
  if (workflowIds.length > MOST_AT_ONCE)
    throw new ProblemError(
      400,
      `At most ${MOST_AT_ONCE} flows can be asked at a time; the command line asks any number.`,
    );
  return workflowIds;
}

/** Pages of flows: listed, found by their id, one by one, with actions on one or many. */
export function flowPages(dependencies: OperationsDependencies, act: Act): readonly PageRoute[] {
  return [
    { method: 'get', path: addresses.flows, handle: (visit) => listing(dependencies, visit) },
    {
      method: 'get',
      path: addresses.find,
      handle({ query }) {
        const { id } = checked({ id: WorkflowId }, { id: typeof query.id === 'string' ? query.id.trim() : '' });
        return Promise.resolve({ kind: 'redirect', to: id === undefined ? addresses.flows : addresses.flow(id) });
      },
    },
    { method: 'get', path: `${addresses.find}/{id}`, handle: (visit) => oneFlow(dependencies, visit) },
    { method: 'get', path: `${addresses.find}/{id}/evidence`, handle: (visit) => evidenceFile(dependencies, visit) },
    {
      method: 'post',
      path: `${addresses.find}/{id}/act`,
      async handle(visit) {
        const { id, who, form } = visit;
        const action = actionOf(visit);
        await act(`/operations/flows/{workflowId}/${action}`, { id, who, body: actionBody(action, form) });
        return { kind: 'redirect', to: `${addresses.flow(id)}?done=${action}` };
      },
    },
    {
      method: 'post',
      path: addresses.manyFlows,
      handle(visit) {
        const [action, workflowIds] = [actionOf(visit), namedBy(visit)];
        const content = ConfirmView({ action, workflowIds, formToken: visit.formToken });
        return Promise.resolve(screen('Ask many flows', 'flows', content));
      },
    },
    {
      method: 'post',
      path: addresses.manyFlowsConfirmed,
      async handle(visit) {
        const [action, workflowIds] = [actionOf(visit), namedBy(visit)];
        const asked = await askMany(act, visit.who, action, workflowIds, actionBody(action, visit.form));
        return screen('What became of it', 'flows', ResultView({ asked }));
      },
    },
  ];
}
