import { listDeliveries, loadDelivery } from '../../store/deliveries/list';
import { retryDelivery } from '../../store/deliveries/retry';
import { decidedState, type GivenKind, giveKind } from '../../store/ledger/kinds';
import { fromStore, type OperationsDependencies } from './dependencies';
import {
  Cursor,
  Kind,
  Limit,
  OutcomeOrOpen,
  partnerName,
  Reason,
  Status,
  truth,
  TrueOrFalse,
  WorkflowId,
} from './fields';
import { type Answer, type Operation, withBody, withQuery } from './operation';
import { pageRequest } from './paging';
import { ProblemError } from './problems';
import { WINDOW_FIELDS, windowOf } from './window';

/** Routes of deliveries: listed, one by one, given to dispatch again, and booked by hand. */
export function deliveryOperations(dependencies: OperationsDependencies): readonly Operation[] {
  return [...listings(dependencies), ...actions(dependencies)];
}

function listings(dependencies: OperationsDependencies): readonly Operation[] {
  const { database, encryption, partners } = dependencies;
  return [
    withQuery({
      method: 'get',
      path: '/operations/deliveries',
      summary:
        'Deliveries, newest first; outcome=open are those delivered without an outcome yet, unread=true those with fields that could not be read; since and until are of the reception. With since, until, route or event a page may hold fewer than its limit and have a next one.',
      answers: { 200: 'DeliveryPage' },
      query: {
        status: Status,
        outcome: OutcomeOrOpen,
        partner: partnerName(partners),
        workflowId: WorkflowId,
        unread: TrueOrFalse,
        ...WINDOW_FIELDS,
        limit: Limit,
        after: Cursor,
      },
      async handle({ query }) {
        const filter = { ...query, ...windowOf(query), unread: truth(query.unread) };
        return { status: 200, body: await fromStore(() => listDeliveries(database, filter, pageRequest(query))) };
      },
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
  ];
}

function actions(dependencies: OperationsDependencies): readonly Operation[] {
  const { database } = dependencies;
  return [
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
          case 'not-acceptable':
            throw new ProblemError(409, 'the delivery is not parked');
          case 'retried':
            dependencies.wakeDispatcher();
            return { status: 202, body: { id, status: 'pending' } };
        }
      },
    }),
    withBody({
      method: 'post',
      path: '/operations/deliveries/{id}/book',
      summary:
        'Books a parked delivery whose kind is unknown, as an asset or as money; 202 while no dispatcher has done it.',
      answers: {
        200: 'BookedDelivery',
        202: 'BookedDelivery',
        404: 'No such delivery.',
        409: 'The delivery is not parked because its kind is unknown.',
      },
      required: { as: Kind, reason: Reason },
      optional: {},
      handle: ({ id, who, body: { as: kind, reason } }) =>
        book(dependencies, { deliveryId: id, kind, by: who, reason }),
    }),
  ];
}

/** A dispatcher looks at once, where one runs; the whole answer has to come within 5 s. */
const BOOKED_WITHIN_MS = 3_000;

async function book({ database, wakeDispatcher }: OperationsDependencies, given: GivenKind): Promise<Answer> {
  const { deliveryId } = given;
  switch (await fromStore(() => giveKind(database, given))) {
    case 'unknown':
      throw new ProblemError(404, 'no delivery has this id');
    case 'not-parked':
      throw new ProblemError(409, 'the delivery is not parked');
    case 'stated':
      throw new ProblemError(409, 'the delivery is not parked because its kind is unknown');
    case 'given': {
      wakeDispatcher();
      const body = await fromStore(() => decidedState(database, deliveryId, BOOKED_WITHIN_MS));
      return { status: body.status === 'pending' ? 202 : 200, body };
    }
  }
}
