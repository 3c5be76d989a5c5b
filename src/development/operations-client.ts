import * as t from 'io-ts';
import { request } from 'undici';

import { decode } from '../codecs/decode';
import type { SubjectKey } from '../domain/subject-key';

const Nullable = t.union([t.string, t.null]);

const FlowView = t.type({
  workflowId: t.string,
  lifecycle: t.string,
  state: Nullable,
  open: t.boolean,
  overdue: t.boolean,
  finding: Nullable,
  findings: t.array(t.type({ finding: t.string })),
  waitingFor: t.array(t.string),
  recurrences: t.array(t.type({ state: t.string })),
  facts: t.record(t.string, t.string),
  end: t.union([t.type({ by: t.string, state: Nullable }), t.null]),
  url: Nullable,
});
/** Flow as the operations API shows it, as far as the demonstration checks it. */
export type FlowView = t.TypeOf<typeof FlowView>;

const DeliveryView = t.type({ id: t.string, source: t.string, status: t.string, outcome: Nullable });
/** Delivery as the operations API shows it. */
export type DeliveryView = t.TypeOf<typeof DeliveryView>;

const DeliveryPage = t.type({ items: t.array(DeliveryView) });

const BalanceView = t.intersection([
  t.type({ balanced: t.boolean }),
  t.type({ received: t.number, pending: t.number, duplicate: t.number, parked: t.number, delivered: t.number }),
  t.type({ open: t.number, applied: t.number, repeated: t.number, late: t.number, illegal: t.number }),
  t.type({ abandoned: t.number, rejected: t.number, recovered: t.number }),
]);
/** Balance as the operations API shows it. */
export type BalanceView = t.TypeOf<typeof BalanceView>;

/** Client of the operations API over HTTP with a token, like every program of an operator. */
export interface OperationsClient {
  flow(workflowId: string): Promise<FlowView | null>;
  delivery(id: string): Promise<DeliveryView | null>;
  /** Newest deliveries of a flow. */
  deliveriesOf(workflowId: string): Promise<readonly DeliveryView[]>;
  balance(): Promise<BalanceView>;
  /** Return of a parked delivery to dispatch. */
  retry(deliveryId: string): Promise<void>;
  /** Registration of an object as expected. */
  expect(key: SubjectKey): Promise<void>;
}

/** Client of the operations API at the given address. */
export function createOperationsClient(url: string, token: string): OperationsClient {
  const get = async <T>(path: string, codec: t.Decoder<unknown, T>): Promise<T | null> => {
    const answer = await request(`${url}/operations${path}`, { headers: { authorization: `Bearer ${token}` } });
    const value: unknown = await answer.body.json();
    if (answer.statusCode === 404) return null;
    const decoded = decode(codec, value);
    if (answer.statusCode === 200 && decoded.ok) return decoded.value;
    throw new Error(`the operations API answered ${answer.statusCode} to ${path}, or in another shape`);
  };
  const post = async (path: string, body: object): Promise<void> => {
    const answer = await request(`${url}/operations${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    await answer.body.dump();
    if (answer.statusCode >= 300) throw new Error(`the operations API answered ${answer.statusCode} to ${path}`);
  };
  return {
    flow: (workflowId) => get(`/flows/${encodeURIComponent(workflowId)}`, FlowView),
    delivery: (id) => get(`/deliveries/${id}`, DeliveryView),
    deliveriesOf: async (workflowId) => {
      const page = await get(`/deliveries?limit=500&workflowId=${encodeURIComponent(workflowId)}`, DeliveryPage);
      return page?.items ?? [];
    },
    retry: (deliveryId) => post(`/deliveries/${deliveryId}/retry`, {}),
    expect: ({ partner, object, id }) => post('/expectations', { partner, object, id }),
    balance: async () => {
      const balance = await get('/balance', BalanceView);
      if (balance === null) throw new Error('the operations API knows no balance');
      return balance;
    },
  };
}
