import * as t from 'io-ts';

import type { PartnerClient } from '../../../src/partners/client';
import { callPartner, decodeAnswer, failureOfAnswer } from '../../../src/partners/http-client';
import { pathsFor } from '../../../src/partners/paths';
import { OrderState } from './events/order-updates';

/** Settings by which the example partner is read. */
export interface ExampleClientOptions {
  readonly apiUrl: string;
  readonly apiToken: string;
  readonly timeoutMs: number;
}

const Order = t.type({ state: OrderState });

/** Client that reads the example partner’s orders with one token. */
export function createExampleClient({ apiUrl, apiToken, timeoutMs }: ExampleClientOptions): PartnerClient {
  return {
    async read({ id }) {
      const [path] = pathsFor(['/orders/{id}'], id);
      if (path === undefined) return { kind: 'absent' };
      const answer = await callPartner({
        method: 'GET',
        url: `${apiUrl}${path}`,
        headers: { authorization: `Bearer ${apiToken}` },
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (answer.statusCode === 404) return { kind: 'absent' };
      if (answer.statusCode !== 200) throw failureOfAnswer(answer, 'the order');
      const { state } = decodeAnswer(Order, answer, 'the order');
      return { kind: 'object', status: state, executions: [], quantityExecuted: null, reason: null };
    },
  };
}
