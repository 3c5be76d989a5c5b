import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Agent } from 'undici';

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

/** The parts of partnerflow with a stub of Bitpanda, and quick settling. */
export interface MovementSystem extends System {
  /** Posts parameters to a webhook of Bitpanda; the delivery's id. */
  post(params: object, route?: string): Promise<string>;
  /** A delivery's outcome, or its status where it has none. */
  becameOf(deliveryId: string): Promise<string>;
  setOf(caId: string, userId: string): Promise<{ readonly verdict: string | null; readonly breaks: readonly object[] }>;
  flowOf(caId: string, userId: string): Promise<Record<string, unknown>>;
  positionsOf(userId: string): Promise<Readonly<Record<string, string>>>;
}

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
    environmentOf: (url) => ({ ...bitpandaEnvironment(url), POLICY_FILE: policy }),
  });
  const agent = new Agent();
  const { kysely } = system.database;
  return {
    ...system,
    async post(params, route = 'corporate-actions') {
      const body = JSON.stringify({ params });
      const path = `/webhooks/bitpanda/${route}`;
      const headers = signBitpanda({ method: 'POST', url: `${system.url}${path}`, body, ...BITPANDA_KEY });
      const id = await send(system.url, { path, headers, body }, agent);
      if (id === null) throw new Error('not kept');
      return id;
    },
    becameOf: (deliveryId) =>
      eventually(async () => {
        const row = await kysely
          .selectFrom('deliveries')
          .select(['status', 'outcome'])
          .where('id', '=', deliveryId)
          .executeTakeFirstOrThrow();
        if (row.status === 'pending' || (row.status === 'delivered' && row.outcome === null))
          throw new Error('not yet');
        return row.outcome ?? row.status;
      }),
    async setOf(caId, userId) {
      return kysely
        .selectFrom('transaction_sets')
        .select(['verdict', 'breaks'])
        .where('corporate_action_id', '=', caId)
        .where('user_id', '=', userId)
        .executeTakeFirstOrThrow();
    },
    async flowOf(caId, userId) {
      const row = await kysely
        .selectFrom('subjects')
        .select(['state', 'waiting_for', 'open', 'overdue', 'finding', 'due_at'])
        .where('workflow_id', '=', `bitpanda:corporate-action:${caId}:${userId}`)
        .executeTakeFirstOrThrow();
      return { ...row };
    },
    async positionsOf(userId) {
      const rows = await kysely
        .selectFrom('movements')
        .select(['instrument', 'amount'])
        .where('user_id', '=', userId)
        .where('is_obligation', '=', false)
        .execute();
      const sums: Record<string, number> = {};
      for (const { instrument, amount } of rows) sums[instrument] = (sums[instrument] ?? 0) + Number(amount);
      return Object.fromEntries(Object.entries(sums).map(([instrument, sum]) => [instrument, String(sum)]));
    },
    close: async () => {
      await agent.close();
      await system.close();
      rmSync(folder, { recursive: true });
    },
  };
}
