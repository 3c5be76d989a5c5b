import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Agent, request } from 'undici';

import { signBitpanda } from '../../src/simulator/bitpanda/sign';
import { send } from '../faults/partner-stub';
import { openSystem, type System, type SystemOptions } from '../faults/system';
import { eventually } from '../support/eventually';
import { BITPANDA_KEY, bitpandaEnvironment } from '../webhooks/bitpanda-partner';

/** One event of a corporate action as a test wants it; what is left out is as in the partner's printed examples. */
export interface MovementOf {
  readonly id?: string;
  readonly caId: string;
  readonly userId: string;
  readonly asset?: number | string;
  readonly amount?: string | null;
  readonly fiatAmount?: string | null;
  readonly type?: string;
  readonly direction?: string;
  readonly creditedAt?: string;
}

const FIXTURES = join(__dirname, '..', 'fixtures', 'bitpanda');

/** The parameters of a printed webhook. */
export function printed(file: string): Record<string, unknown> {
  const { params }: { params: Record<string, unknown> } = JSON.parse(
    readFileSync(join(FIXTURES, `${file}.json`), 'utf8'),
  );
  return params;
}

/** The parameters of a corporate action's webhook. */
export function paramsOf(movement: MovementOf): Record<string, unknown> {
  const { caId, userId, asset = 1477, amount = null, fiatAmount = null, type = 'spin_off' } = movement;
  const creditedAt = movement.creditedAt ?? '2024-05-23T08:45:36Z';
  const direction = movement.direction ?? (amount?.startsWith('-') === true ? 'outgoing' : 'incoming');
  return {
    id: movement.id ?? randomUUID(),
    ca_id: caId,
    user_pid: userId,
    type,
    asset_id: asset,
    asset_symbol: 'SAB',
    time: '2024-05-23T10:08:50Z',
    asset_amount: amount,
    fiat_id: fiatAmount === null ? null : 1,
    fiat_symbol: fiatAmount === null ? null : 'EUR',
    fiat_amount: fiatAmount,
    additional_details: { direction, credited_at: creditedAt, asset_group: 'stock', type: 'payout' },
  };
}

/** One holder's set as the operations API shows it. */
export interface ShownSet {
  readonly userId: string;
  readonly verdict: string | null;
  readonly before: string | null;
  readonly expectedNew: object | null;
  readonly breaks: readonly {
    readonly kind: string;
    readonly leg: string;
    readonly instrument: string | null;
    readonly expected: string | null;
    readonly found: string | null;
  }[];
  readonly unverified: readonly { readonly reason: string; readonly missing: readonly string[] }[];
  readonly movements: readonly { readonly amount: string; readonly leg: string }[];
  readonly resolution: object | null;
}

/** A corporate action as the operations API shows it. */
export interface ShownAction {
  readonly ratio: { readonly low: string; readonly high: string } | null;
  readonly newInstruments: readonly string[];
  readonly completeSets: number;
  readonly agreeingSets: number;
  readonly holders: readonly ShownSet[];
}

/** A flow as the operations API shows it. */
export interface ShownFlow {
  readonly state: string | null;
  readonly waitingFor: readonly string[];
  readonly open: boolean;
  readonly overdue: boolean;
  readonly finding: string | null;
  readonly findings: readonly { readonly finding: string }[];
}

/** An obligation as the operations API shows it. */
export interface ShownObligation {
  readonly id: string;
  readonly instrument: string;
  readonly amount: string;
  readonly state: string;
}

/** The parts of partnerflow with a stub of Bitpanda, and quick settling. What became of things is asked over HTTP. */
export interface MovementSystem extends System {
  /** Posts parameters to a webhook of Bitpanda; the delivery's id. */
  post(params: object, route?: string): Promise<string>;
  /** The answer of a route under `/operations/`. */
  call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Answer>;
  /** A delivery's outcome, or its status where it has none. */
  becameOf(deliveryId: string): Promise<string>;
  /** A corporate action with all its holders. */
  actionOf(caId: string): Promise<ShownAction>;
  setOf(caId: string, userId: string): Promise<ShownSet>;
  flowOf(caId: string, userId: string): Promise<ShownFlow>;
  positionsOf(userId: string): Promise<Readonly<Record<string, string>>>;
  obligationsOf(userId: string): Promise<readonly ShownObligation[]>;
}

/** An answer of the operations API. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const TOKEN = 'token-of-alice';

/** Opens the system; `settle` is how long nothing new may come before a set is judged. */
export async function openMovementSystem(
  settle = 'PT0.5S',
  options: Omit<SystemOptions, 'environmentOf'> = {},
): Promise<MovementSystem> {
  const folder = mkdtempSync(join(tmpdir(), 'partnerflow-movements-'));
  const policy = join(folder, 'policy.json');
  const wait = 'PT1S';
  const ladder = [{ alert: true, wait }];
  const due = { 'bitpanda:corporate-action': { settle, answer: 'P1D', obligation: 'P1D' } };
  writeFileSync(policy, JSON.stringify({ sweepEvery: 'P3650D', ladder, thenEvery: wait, due }));
  const system = await openSystem({
    ...options,
    environmentOf: (url) => ({
      ...bitpandaEnvironment(url),
      POLICY_FILE: policy,
      OPERATIONS_TOKENS: JSON.stringify({ alice: TOKEN }),
    }),
  });
  const agent = new Agent();
  return {
    ...system,
    ...shownBy(system, agent),
    async post(params, route = 'corporate-actions') {
      const body = JSON.stringify({ params });
      const path = `/webhooks/bitpanda/${route}`;
      const headers = signBitpanda({ method: 'POST', url: `${system.url}${path}`, body, ...BITPANDA_KEY });
      const id = await send(system.url, { path, headers, body }, agent);
      if (id === null) throw new Error('not kept');
      return id;
    },
    close: async () => {
      await agent.close();
      await system.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What the operations API shows. */
function shownBy({ url }: System, dispatcher: Agent) {
  async function ask(method: 'GET' | 'POST', path: string, body?: unknown) {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const sent = body === undefined ? null : JSON.stringify(body);
    const answer = await request(`${url}${path}`, { method, headers, body: sent, dispatcher });
    return { status: answer.statusCode, text: await answer.body.text() };
  }
  async function asked(path: string): Promise<string> {
    const { status, text } = await ask('GET', path);
    if (status !== 200) throw new Error(`${path}: ${String(status)} ${text}`);
    return text;
  }
  async function actionOf(caId: string): Promise<ShownAction> {
    const action: ShownAction = JSON.parse(await asked(`/operations/corporate-actions/${caId}?limit=500`));
    return action;
  }
  return {
    actionOf,
    async call(method: 'GET' | 'POST', path: string, sent?: unknown): Promise<Answer> {
      const { status, text } = await ask(method, path, sent);
      const body: Answer['body'] = JSON.parse(text);
      return { status, body };
    },
    becameOf: (deliveryId: string): Promise<string> =>
      eventually(async () => {
        const { status, outcome }: { readonly status: string; readonly outcome: string | null } = JSON.parse(
          await asked(`/operations/deliveries/${deliveryId}`),
        );
        if (status === 'pending' || (status === 'delivered' && outcome === null)) throw new Error('not yet');
        return outcome ?? status;
      }),
    async setOf(caId: string, userId: string): Promise<ShownSet> {
      const set = (await actionOf(caId)).holders.find((holder) => holder.userId === userId);
      if (set === undefined) throw new Error(`no set of ${userId}`);
      return set;
    },
    async flowOf(caId: string, userId: string): Promise<ShownFlow> {
      const id = encodeURIComponent(`bitpanda:corporate-action:${caId}:${userId}`);
      const flow: ShownFlow = JSON.parse(await asked(`/operations/flows/${id}`));
      return flow;
    },
    async positionsOf(userId: string): Promise<Readonly<Record<string, string>>> {
      const { items }: { readonly items: readonly { readonly instrument: string; readonly amount: string }[] } =
        JSON.parse(await asked(`/operations/positions?user=${userId}`));
      return Object.fromEntries(items.map(({ instrument, amount }) => [instrument, amount]));
    },
    async obligationsOf(userId: string): Promise<readonly ShownObligation[]> {
      const { items }: { readonly items: readonly ShownObligation[] } = JSON.parse(
        await asked(`/operations/obligations?user=${userId}&limit=500`),
      );
      return items;
    },
  };
}
