import { listOutbox } from '../../store/outbox/list';
import { fromStore, type OperationsDependencies } from '../operations/dependencies';
import { Cursor, Limit, OutboxStateName } from '../operations/fields';
import { pageRequest } from '../operations/paging';
import type { Act } from './acting';
import { checked, nextOf, type PageRoute, type Reply, screen, type Visit } from './route';
import { addresses } from './views/addresses';
import { OutboxView } from './views/outbox-view';

async function messages(
  { database, encryption }: OperationsDependencies,
  { query, now, formToken }: Visit,
): Promise<Reply> {
  const filter = checked({ state: OutboxStateName, limit: Limit, after: Cursor }, query);
  const { items, next } = await fromStore(() => listOutbox(database, encryption, filter, pageRequest(filter)));
  const { state } = filter;
  const { done, ...kept } = query;
  const content = OutboxView({
    ...{ state, messages: items, now, formToken, done: done === 'retry' },
    next: nextOf(addresses.outbox, kept, next),
    first: filter.after === undefined ? null : `${addresses.outbox}?state=${state ?? ''}`,
  });
  return screen(state === 'dead' ? 'Dead messages' : 'Outgoing messages', 'outbox', content);
}

/** Pages of messages to our own backend, and the button that has a dead one sent again. */
export function outboxPages(dependencies: OperationsDependencies, act: Act): readonly PageRoute[] {
  return [
    { method: 'get', path: addresses.outbox, handle: (visit) => messages(dependencies, visit) },
    {
      method: 'post',
      path: '/operations/page/message/{id}/retry',
      async handle({ id, who }) {
        await act('/operations/outbox/{id}/retry', { id, who, body: {} });
        return { kind: 'redirect', to: `${addresses.deadMessages}&done=retry` };
      },
    },
  ];
}
