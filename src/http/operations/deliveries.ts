import { listDeliveries, loadDelivery } from '../../store/deliveries/list';
import { retryDelivery } from '../../store/deliveries/retry';
import { fromStore, type OperationsDependencies } from './dependencies';
import { Cursor, Limit, OutcomeOrOpen, partnerName, Status, truth, TrueOrFalse, WorkflowId } from './fields';
import { type Operation, withQuery } from './operation';
import { pageRequest } from './paging';
import { ProblemError } from './problems';

/** Routes of deliveries: listed, one by one, and given to dispatch again. */
export function deliveryOperations(dependencies: OperationsDependencies): readonly Operation[] {
  const { database, encryption, partners } = dependencies;
  return [
    withQuery({
      method: 'get',
      path: '/operations/deliveries',
      summary:
        'Deliveries, newest first; outcome=open are those delivered without an outcome yet, unread=true those with fields that could not be read.',
      answers: { 200: 'DeliveryPage' },
      query: {
        status: Status,
        outcome: OutcomeOrOpen,
        partner: partnerName(partners),
        workflowId: WorkflowId,
        unread: TrueOrFalse,
        limit: Limit,
        after: Cursor,
      },
      handle: async ({ query }) => ({
        status: 200,
        body: await fromStore(() =>
          listDeliveries(database, { ...query, unread: truth(query.unread) }, pageRequest(query)),
        ),
      }),
    }),
    withQuery({
      method: 'get',
      path: '/operations/deliveries/{id}',
      summary: 'One delivery with its body and headers; credentials are redacted.',
      answers: { 200: 'DeliveryDetail', 404: 'No such delivery.' },
      query: {},
      async handle({ id }) {
        const delivery = await fromStore(() => loadDelivery(database, encryption, id));
        if (delivery === null) throw new ProblemError(404, 'no delivery has this id');
        return { status: 200, body: delivery };
      },
    }),
    withQuery({
      method: 'get',
      path: '/operations/deliveries/{id}/evidence',
      summary: 'What is stored of a delivery, verified again as of the moment it was received.',
      answers: { 200: 'Evidence', 404: 'No such delivery.' },
      query: {},
      async handle({ id }) {
        const evidence = await fromStore(() => dependencies.evidence(id));
        if (evidence === null) throw new ProblemError(404, 'no delivery has this id');
        return { status: 200, body: evidence };
      },
    }),
    withQuery({
      method: 'post',
      path: '/operations/deliveries/{id}/retry',
      summary: 'Gives a parked delivery to dispatch again.',
      answers: { 202: 'RetriedDelivery', 404: 'No such delivery.', 409: 'The delivery is not parked.' },
      query: {},
      async handle({ id, who }) {
        const result = await fromStore(() => retryDelivery(database, id, who));
        switch (result) {
          case 'unknown':
            throw new ProblemError(404, 'no delivery has this id');
          case 'not-parked':
            throw new ProblemError(409, 'the delivery is not parked');
          case 'retried':
            dependencies.wakeDispatcher();
            return { status: 202, body: { id, status: 'pending' } };
        }
      },
    }),
  ];
}
