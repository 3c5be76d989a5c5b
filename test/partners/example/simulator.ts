import { randomUUID } from 'node:crypto';

import { request } from 'undici';

import { startScriptedServer } from '../scripted-server';
import { exampleOrder } from './lifecycles/order';

const STATES = Object.keys(exampleOrder.states);

/** A simulated example partner: it keeps its orders, answers reads of them, and reports every change. */
export interface ExampleSimulator {
  readonly url: string;
  /** Moves an order to its next state, from none to the first, and reports it; answers what the receiver answered. */
  advance(orderId: string): Promise<number>;
  close(): Promise<void>;
}

/** Starts the partner; its webhooks go to whatever receiver `receiverUrl` names when they are sent. */
export async function startExampleSimulator(options: {
  readonly receiverUrl: () => string;
  readonly apiKey: string;
  readonly apiToken: string;
}): Promise<ExampleSimulator> {
  const orders = new Map<string, string>();
  const server = await startScriptedServer(({ path, headers }) => {
    if (headers.authorization !== `Bearer ${options.apiToken}`) return { status: 401 };
    const state = orders.get(path.replace('/orders/', ''));
    return state === undefined ? { status: 404 } : { status: 200, body: { state } };
  });
  return {
    url: server.url,
    async advance(orderId) {
      const state = STATES[STATES.indexOf(orders.get(orderId) ?? '') + 1] ?? '';
      orders.set(orderId, state);
      const { statusCode, body } = await request(`${options.receiverUrl()}/webhooks/example/order-updates`, {
        method: 'POST',
        headers: { 'api-key': options.apiKey },
        body: JSON.stringify({ eventId: randomUUID(), orderId, state }),
      });
      await body.dump();
      return statusCode;
    },
    close: () => server.close(),
  };
}
