import type { OperatorAction } from '../../operator/actions';
import { listFlows, loadFlow } from '../../store/flows/list';
import { fromStore, type OperationsDependencies } from './dependencies';
import { Cursor, LifecycleName, Limit, OperatorResult, partnerName, Reason, Seconds, TrueOrFalse } from './fields';
import { type Answer, type Operation, withBody, withQuery } from './operation';
import { pageRequest } from './paging';
import { away, Refusal } from './problems';

function truth(word: 'true' | 'false' | undefined): boolean | undefined {
  return word === undefined ? undefined : word === 'true';
}

/** Flows: listed and one by one, from the store. */
export function flowOperations(dependencies: OperationsDependencies): readonly Operation[] {
  const { database, flowLink, partners } = dependencies;
  return [
    withQuery({
      method: 'get',
      path: '/operations/flows',
      summary: 'Open flows, newest first; the others with open=false. Recorded subjects are not listed.',
      answers: { 200: 'FlowPage' },
      query: {
        open: TrueOrFalse,
        overdue: TrueOrFalse,
        partner: partnerName(partners),
        lifecycle: LifecycleName,
        limit: Limit,
        after: Cursor,
      },
      async handle({ query }) {
        const filter = { ...query, open: truth(query.open), overdue: truth(query.overdue) };
        return { status: 200, body: await fromStore(() => listFlows(database, filter, pageRequest(query), flowLink)) };
      },
    }),
    withQuery({
      method: 'get',
      path: '/operations/flows/{workflowId}',
      summary: 'One flow, open, ended or recorded, with what it was told, found, and how it ended.',
      answers: { 200: 'FlowDetail', 404: 'No such flow.' },
      query: {},
      handle: ({ id }) => oneFlow(dependencies, id),
    }),
  ];
}

async function oneFlow({ database, flowLink }: OperationsDependencies, workflowId: string): Promise<Answer> {
  const flow = await fromStore(() => loadFlow(database, workflowId, flowLink));
  if (flow === null) throw new Refusal(404, 'no flow has this workflow id');
  return { status: 200, body: flow };
}

async function act(
  dependencies: OperationsDependencies,
  id: string,
  action: OperatorAction,
  key: string | null,
): Promise<Answer> {
  const { database, flowLink, operate } = dependencies;
  const flow = await fromStore(() => loadFlow(database, id, flowLink));
  if (flow === null) throw new Refusal(404, 'no flow has this workflow id');
  if (!flow.open) throw new Refusal(409, 'the flow has ended');
  const answer = await operate(flow.workflowId, action, key);
  switch (answer.kind) {
    case 'done':
      return oneFlow(dependencies, id);
    case 'ended':
      throw new Refusal(409, 'the flow has ended');
    case 'no-worker':
      throw away('no worker answered within 10 s');
    case 'refused':
      throw new Refusal(422, answer.detail);
  }
}

const ANSWERS = {
  200: 'FlowDetail',
  404: 'No such flow.',
  409: 'The flow has ended.',
  422: 'The body is not what was expected, or the flow refused.',
} as const;

/** What an operator may ask of a running flow; reaches it as an Update, so a worker has to run. */
export function operatorOperations(dependencies: OperationsDependencies): readonly Operation[] {
  return [
    withBody({
      method: 'post',
      path: '/operations/flows/{workflowId}/refetch',
      summary: 'Reads the object at the partner now.',
      answers: ANSWERS,
      badBodyStatus: 422,
      required: { reason: Reason },
      optional: {},
      handle: ({ id, who, key, body: { reason } }) => act(dependencies, id, { kind: 'refetch', by: who, reason }, key),
    }),
    withBody({
      method: 'post',
      path: '/operations/flows/{workflowId}/extend',
      summary: 'Gives the partner more time: what is owed is due the given seconds from now.',
      answers: ANSWERS,
      badBodyStatus: 422,
      required: { reason: Reason, seconds: Seconds },
      optional: {},
      handle: ({ id, who, key, body: { reason, seconds } }) =>
        act(dependencies, id, { kind: 'extend', by: who, reason, seconds }, key),
    }),
    withBody({
      method: 'post',
      path: '/operations/flows/{workflowId}/resolve',
      summary: 'Ends the flow by hand; its state stays what the partner said last.',
      answers: ANSWERS,
      badBodyStatus: 422,
      required: { reason: Reason, result: OperatorResult },
      optional: {},
      handle: ({ id, who, key, body: { reason, result } }) =>
        act(dependencies, id, { kind: 'resolve', by: who, reason, result }, key),
    }),
  ];
}
