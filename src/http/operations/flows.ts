import { listFlows, loadFlow } from '../../store/flows/list';
import { showReadObject } from '../../store/flows/readings';
import { fromStore, type OperationsDependencies } from './dependencies';
import { FlowCursor, LifecycleName, Limit, partnerName, truth, TrueOrFalse } from './fields';
import { type Answer, type Operation, withQuery } from './operation';
import { pageRequest } from './paging';
import { ProblemError } from './problems';
import { checkFlowCursor, WINDOW_FIELDS, windowOf } from './window';

/** Routes of flows: listed and one by one, from the store. */
export function flowOperations(dependencies: OperationsDependencies): readonly Operation[] {
  const { database, flowLink, partners } = dependencies;
  return [
    withQuery({
      method: 'get',
      path: '/operations/flows',
      summary:
        'Open flows, newest first; the others with open=false. Recorded subjects are not listed. since and until are of the time since which a flow is in its state, route and event of its deliveries; with one of these a page may hold fewer than its limit and have a next one.',
      answers: { 200: 'FlowPage' },
      query: {
        open: TrueOrFalse,
        overdue: TrueOrFalse,
        partner: partnerName(partners),
        lifecycle: LifecycleName,
        ...WINDOW_FIELDS,
        limit: Limit,
        after: FlowCursor,
      },
      async handle({ query }) {
        checkFlowCursor(query);
        const kind = { open: truth(query.open), overdue: truth(query.overdue) };
        const filter = { ...query, ...windowOf(query), ...kind };
        return { status: 200, body: await fromStore(() => listFlows(database, filter, pageRequest(query), flowLink)) };
      },
    }),
    withQuery({
      method: 'get',
      path: '/operations/flows/{workflowId}',
      summary: 'One flow, open, ended or recorded, with what it was told, found, and how it ended.',
      answers: { 200: 'FlowDetail', 404: 'No such flow.' },
      query: {},
      handle: ({ id }) => showFlow(dependencies, id),
    }),
    withQuery({
      method: 'get',
      path: '/operations/flows/{workflowId}/object',
      summary: "The partner's whole answer to the last read of the object. Who asks is recorded.",
      answers: { 200: 'ReadObject', 404: 'No such flow, or no answer is kept.' },
      query: {},
      handle: ({ id, who }) => showObject(dependencies, id, who),
    }),
    withQuery({
      method: 'get',
      path: '/operations/flows/{workflowId}/evidence',
      summary:
        'One file with everything that is kept of a subject, for an auditor: a page, bodies, headers, verdicts, reads, movements, messages, operators’ actions, and a manifest. Whoever asks is recorded.',
      answers: { 200: 'EvidenceFile', 404: 'No such flow.' },
      query: {},
      async handle({ id, who }) {
        const file = await fromStore(() => dependencies.subjectFile(id, who));
        if (file === null) throw new ProblemError(404, 'no flow has this workflow id');
        return { status: 200, body: file.content, file: { name: file.name, type: 'application/zip' } };
      },
    }),
  ];
}

async function showObject(
  { database, encryption }: OperationsDependencies,
  workflowId: string,
  by: string,
): Promise<Answer> {
  const object = await fromStore(() => showReadObject(database, encryption, { workflowId, by }));
  if (object === null) throw new ProblemError(404, 'no answer of a read is kept of this workflow id');
  return { status: 200, body: object };
}

/** One flow as the API shows it; throws 404 for an unknown id. */
export async function showFlow(dependencies: OperationsDependencies, workflowId: string): Promise<Answer> {
  const { database, flowLink, encryption } = dependencies;
  const flow = await fromStore(() => loadFlow(database, workflowId, flowLink, encryption));
  if (flow === null) throw new ProblemError(404, 'no flow has this workflow id');
  return { status: 200, body: flow };
}
