import { request } from 'undici';

import type { Outcome } from '../domain/subject';

/** What the demonstration looks at of a flow, as the operations API shows it. */
export interface FlowView {
  readonly workflowId: string;
  readonly state: string | null;
  readonly open: boolean;
  readonly overdue: boolean;
  readonly finding: string | null;
  readonly findings: readonly { readonly finding: string }[];
  readonly waitingFor: readonly string[];
  readonly since: string | null;
  readonly dueAt: string | null;
  readonly end: { readonly by: string; readonly state: string | null } | null;
  readonly url: string | null;
}

export interface DeliveryView {
  readonly id: string;
  readonly status: string;
  readonly outcome: Outcome | null;
}

export interface BalanceView {
  readonly recovered: number;
  readonly rejected: number;
  readonly open: number;
  readonly pending: number;
  readonly balanced: boolean;
  readonly [name: string]: number | boolean;
}

/** Reads the operations API as any operator's program would: over HTTP, with a token. */
export interface OperationsClient {
  flow(workflowId: string): Promise<FlowView | null>;
  delivery(id: string): Promise<DeliveryView | null>;
  balance(): Promise<BalanceView>;
}

/** What the API's description promises is taken at its word here: the demonstration would fail on anything else. */
const parseAs: <T>(text: string) => T = JSON.parse;

/** A client of the operations API at the given address. */
export function createOperationsClient(url: string, token: string): OperationsClient {
  const get = async <T>(path: string): Promise<T | null> => {
    const answer = await request(`${url}/operations${path}`, { headers: { authorization: `Bearer ${token}` } });
    const text = await answer.body.text();
    if (answer.statusCode === 404) return null;
    if (answer.statusCode !== 200) throw new Error(`the operations API answered ${answer.statusCode} to ${path}`);
    return parseAs<T>(text);
  };
  return {
    flow: (workflowId) => get<FlowView>(`/flows/${encodeURIComponent(workflowId)}`),
    delivery: (id) => get<DeliveryView>(`/deliveries/${id}`),
    balance: async () => {
      const balance = await get<BalanceView>('/balance');
      if (balance === null) throw new Error('the operations API knows no balance');
      return balance;
    },
  };
}
