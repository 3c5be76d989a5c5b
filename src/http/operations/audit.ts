import { listActions } from '../../store/audit';
import { fromStore, type OperationsDependencies } from './dependencies';
import { Cursor, Limit, Reference, Word, WorkflowId } from './fields';
import { type Operation, withQuery } from './operation';
import { pageRequest } from './paging';

/** Routes that list the actions of operators. */
export function auditOperations({ database }: OperationsDependencies): readonly Operation[] {
  return [
    withQuery({
      method: 'get',
      path: '/operations/deeds',
      summary: 'What operators did, newest first: by token or user, to a flow, a delivery, an obligation, an event.',
      answers: { 200: 'DeedPage' },
      query: { target: WorkflowId, by: Reference, action: Word, limit: Limit, after: Cursor },
      async handle({ query }) {
        const { target, by, action } = query;
        const page = pageRequest(query);
        return { status: 200, body: await fromStore(() => listActions(database, { target, by, action }, page)) };
      },
    }),
  ];
}
