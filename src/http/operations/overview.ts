import { readBalance } from '../../store/stats/balance';
import { listRejections } from '../../store/deliveries/rejection-list';
import { fromStore, type OperationsDependencies } from './dependencies';
import { Cursor, Limit } from './fields';
import { type Operation, withQuery } from './operation';
import { pageRequest } from './paging';

/** Routes of the balance of all deliveries, and of rejected requests. */
export function overviewOperations({ database, notRunning }: OperationsDependencies): readonly Operation[] {
  return [
    withQuery({
      method: 'get',
      path: '/operations/balance',
      summary: 'Every delivery accounted for, in one snapshot.',
      answers: { 200: 'Balance' },
      query: {},
      handle: async () => ({ status: 200, body: await fromStore(() => readBalance(database, notRunning)) }),
    }),
    withQuery({
      method: 'get',
      path: '/operations/rejections',
      summary: 'The newest requests that were answered 401.',
      answers: { 200: 'RejectionPage' },
      query: { limit: Limit, after: Cursor },
      handle: async ({ query }) => ({
        status: 200,
        body: await fromStore(() => listRejections(database, pageRequest(query))),
      }),
    }),
  ];
}
