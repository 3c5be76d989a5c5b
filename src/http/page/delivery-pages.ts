import { actionsOf } from '../../store/audit';
import { listDeliveries, loadDelivery } from '../../store/deliveries/list';
import { awaitsKind } from '../../store/ledger/kinds';
import { listRejections } from '../../store/deliveries/rejection-list';
import { fromStore, type OperationsDependencies } from '../operations/dependencies';
import { Cursor, Limit, partnerName, Status } from '../operations/fields';
import { pageRequest } from '../operations/paging';
import { ProblemError } from '../operations/problems';
import { WINDOW_FIELDS, windowOf } from '../operations/window';
import type { Act } from './acting';
import { checked, firstOf, nextOf, type PageRoute, type Reply, screen, type Visit } from './route';
import { addresses } from './views/addresses';
import { DeliveriesView, OneDeliveryView, RejectionsView } from './views/deliveries-view';

async function deliveries({ database, partners }: OperationsDependencies, visit: Visit): Promise<Reply> {
  const { query, now, formToken } = visit;
  const fields = { status: Status, partner: partnerName(partners), ...WINDOW_FIELDS, limit: Limit, after: Cursor };
  const asked = checked(fields, query);
  const window = windowOf(asked);
  const filter = { status: asked.status, partner: asked.partner, ...window };
  const { items, next } = await fromStore(() => listDeliveries(database, filter, pageRequest(asked)));
  const { status, partner } = filter;
  const content = DeliveriesView({
    ...{ status, partner, partners, window, deliveries: items, now, formToken },
    next: nextOf(addresses.deliveries, query, next),
    first: asked.after === undefined ? null : firstOf(addresses.deliveries, query),
  });
  return screen(status === 'parked' ? 'Parked deliveries' : 'Deliveries', 'deliveries', content);
}

/** Words for what was just done to a delivery. */
const DONE = ['retry', 'book'] as const;

async function oneDelivery({ database, encryption }: OperationsDependencies, visit: Visit): Promise<Reply> {
  const { id, query, formToken } = visit;
  const delivery = await fromStore(() => loadDelivery(database, encryption, id));
  if (delivery === null) throw new ProblemError(404, 'No delivery has this id.');
  const actions = await fromStore(() => actionsOf(database, delivery.id));
  const isKindUnknown = await fromStore(() => awaitsKind(database, delivery.id));
  const done = DONE.find((word) => word === query.done) ?? null;
  const content = OneDeliveryView({ delivery, actions, isKindUnknown, done, formToken });
  return screen(`Delivery ${delivery.id}`, null, content);
}

async function rejections({ database }: OperationsDependencies, { query, now }: Visit): Promise<Reply> {
  const filter = checked({ limit: Limit, after: Cursor }, query);
  const { items, next } = await fromStore(() => listRejections(database, pageRequest(filter)));
  const content = RejectionsView({
    ...{ rejections: items, now },
    next: nextOf(addresses.rejections, query, next),
    first: filter.after === undefined ? null : addresses.rejections,
  });
  return screen('Refused requests', 'rejections', content);
}

/** Pages of deliveries and rejected requests, and the button that gives a parked delivery to dispatch again. */
export function deliveryPages(dependencies: OperationsDependencies, act: Act): readonly PageRoute[] {
  return [
    { method: 'get', path: addresses.deliveries, handle: (visit) => deliveries(dependencies, visit) },
    { method: 'get', path: '/operations/page/delivery/{id}', handle: (visit) => oneDelivery(dependencies, visit) },
    {
      method: 'post',
      path: '/operations/page/delivery/{id}/retry',
      async handle({ id, who }) {
        await act('/operations/deliveries/{id}/retry', { id, who, body: {} });
        return { kind: 'redirect', to: `${addresses.delivery(id)}?done=retry` };
      },
    },
    {
      method: 'post',
      path: '/operations/page/delivery/{id}/book',
      async handle({ id, who, form }) {
        const body = { as: form.text('as'), reason: form.text('reason') };
        await act('/operations/deliveries/{id}/book', { id, who, body });
        return { kind: 'redirect', to: `${addresses.delivery(id)}?done=book` };
      },
    },
    { method: 'get', path: addresses.rejections, handle: (visit) => rejections(dependencies, visit) },
  ];
}
