import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Agent, request } from 'undici';

import type { Recurrence } from '../../src/domain/lifecycles/savings-plan/recurrence';
import type { Finding } from '../../src/domain/subject';
import { send, type Webhook } from '../faults/partner-stub';
import { openSystem, type System } from '../faults/system';
import { eventually } from '../support/eventually';
import { withFoldedAlerts } from '../support/folded-alerts';
import { bitpandaEnvironment } from '../webhooks/bitpanda-partner';
import { startDecisions } from './webhooks';

const TOKEN = 'token-of-the-tests';

/** A flow as the operations API shows it. */
export interface Shown {
  readonly state: string | null;
  readonly open: boolean;
  readonly waitingFor: readonly string[];
  readonly since: string;
  readonly dueAt: string | null;
  readonly finding: string | null;
  readonly findings: readonly Finding[];
  readonly notifications: readonly { readonly deliveryId: string; readonly outcome: string | null }[];
  readonly facts?: Readonly<Record<string, string>>;
  readonly recurrences?: readonly Recurrence[];
}

/** The parts of partnerflow in two zones with stubs of the partners and of our own backend; asked over HTTP alone. */
export interface LifecycleSystem extends System {
  /** Ends the worker; the function starts another in its place. */
  stopWork(): Promise<() => void>;
  /** The status and body of an answer under `/operations/`. */
  call(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly text: string }>;
  shown(workflowId: string): Promise<Shown>;
  /** Posts one webhook; the id of its delivery. */
  keep(webhook: Webhook): Promise<string>;
  /** Posts webhooks one after the other, each once the one before has its outcome; the outcomes. */
  post(workflowId: string, ...webhooks: readonly Webhook[]): Promise<readonly (string | null)[]>;
  /** Waits until the flow shows it, and the contradiction is alerted. */
  told(workflowId: string, expected: object): Promise<Shown>;
}

/** Opens the system with these values of the policy beside its own. */
export async function openLifecycleSystem(policy: object = {}): Promise<LifecycleSystem> {
  const folder = mkdtempSync(join(tmpdir(), 'partnerflow-lifecycles-'));
  const file = join(folder, 'policy.json');
  const quick = { sweepEvery: 'P3650D', alertWindow: 'PT0.001S', agreementWaits: ['PT0.5S'] };
  writeFileSync(file, JSON.stringify({ ...quick, ...policy }));
  const decisions = await startDecisions();
  const system = await openSystem({
    environmentOf: (url) => ({
      ...bitpandaEnvironment(url),
      POLICY_FILE: file,
      OPERATIONS_TOKENS: JSON.stringify({ tests: TOKEN }),
      SAVINGS_PLAN_DECISION_URL: decisions.url,
    }),
  });
  // Neither zone is ours, and they are nineteen hours apart.
  await system.receive({ TZ: 'Pacific/Kiritimati' });
  let worker = system.work({ TZ: 'America/New_York' });
  const agent = new Agent();
  return {
    ...system,
    ...askedBy(system, agent),
    stopWork: async () => {
      await worker.end();
      return () => {
        worker = system.work({ TZ: 'America/New_York' });
      };
    },
    close: async () => {
      await system.close();
      await agent.close();
      decisions.server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function askedBy(system: System, agent: Agent) {
  async function call(method: 'GET' | 'POST', path: string, sent?: unknown) {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const body = sent === undefined ? null : JSON.stringify(sent);
    const answer = await request(`${system.url}${path}`, { method, headers, body, dispatcher: agent });
    return { status: answer.statusCode, text: await answer.body.text() };
  }
  async function shown(workflowId: string): Promise<Shown> {
    const { status, text } = await call('GET', `/operations/flows/${encodeURIComponent(workflowId)}`);
    if (status !== 200) throw new Error(`${String(status)} ${text}`);
    const flow: Shown = JSON.parse(text);
    return flow;
  }
  async function keep(webhook: Webhook): Promise<string> {
    const id = await send(system.url, webhook, agent);
    if (id === null) throw new Error('not kept');
    return id;
  }
  async function post(workflowId: string, ...webhooks: readonly Webhook[]): Promise<readonly (string | null)[]> {
    const outcomes: (string | null)[] = [];
    for (const webhook of webhooks) {
      const id = await keep(webhook);
      outcomes.push(
        await eventually(async () => {
          const outcome = (await shown(workflowId)).notifications.find(({ deliveryId }) => deliveryId === id)?.outcome;
          if (outcome === undefined || outcome === null) throw new Error('no outcome yet');
          return outcome;
        }),
      );
    }
    return outcomes;
  }
  async function told(workflowId: string, expected: object): Promise<Shown> {
    const flow = await eventually(async () => {
      const now = await shown(workflowId);
      expect(now).toMatchObject(expected);
      expect(now.findings.map(({ finding }) => finding)).toContain('contradiction');
      return now;
    });
    await eventually(async () => {
      const database = await withFoldedAlerts(system.database.kysely);
      const alerts = await database
        .selectFrom('alerts')
        .select('examples')
        .where('finding', '=', 'contradiction')
        .execute();
      expect(JSON.stringify(alerts)).toContain(workflowId);
    });
    return flow;
  }
  return { call, shown, keep, post, told };
}
