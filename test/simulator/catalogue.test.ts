import { setTimeout as delay } from 'node:timers/promises';

import { check } from '../../src/development/demo-check';
import type { OperationsClient } from '../../src/development/operations-client';
import { createCoinifyReader } from '../../src/partners/coinify/client';
import { createTradevestReader } from '../../src/partners/tradevest/client';
import type { Partner } from '../../src/domain/notification';
import { catalogue, demonstration } from '../../src/simulator/catalogue';
import { startCoinifySimulator } from '../../src/simulator/coinify/coinify-simulator';
import { policiesForScripts } from '../../src/simulator/pace';
import { isSilent, type Script } from '../../src/simulator/script';
import type { Simulator } from '../../src/simulator/server';
import { startTradevestSimulator } from '../../src/simulator/tradevest/tradevest-simulator';
import { LittleFlow } from './little-flow';
import { listenOn, TRADEVEST } from './clients';

const DUE_MS = 2_000;
const TIMEOUT_MS = 1_500;

/** Sweeps need a store, which is not here: the demonstration plays their scripts. */
const playable = catalogue.filter(({ steps }) => !steps.some((step) => step.do === 'sweep'));

function operationsOf(flow: LittleFlow): OperationsClient {
  return {
    flow: (workflowId) => Promise.resolve(flow.flow(workflowId)),
    delivery: (id) => Promise.resolve(flow.delivery(id)),
    deliveriesOf: () => Promise.resolve([]),
    expect: () => Promise.reject(new Error('nothing is expected here')),
    balance: () => Promise.reject(new Error('nothing is balanced here')),
  };
}

/** Plays, and waits (boundedly) until all is as the script says, or is not: what differs. */
async function differencesOf(flow: LittleFlow, simulator: Simulator, script: Script): Promise<readonly string[]> {
  const played = await simulator.play(script, flow.observer);
  const look = async (): Promise<readonly string[]> => {
    const { differences } = await check(operationsOf(flow), played, simulator.sent());
    const recovered = flow.recovered(played.workflowId);
    return recovered === script.expected.recovered ? differences : [...differences, `recovered: ${recovered}`];
  };
  for (let waitedMs = 0; waitedMs < 6 * DUE_MS && (await look()).length > 0; waitedMs += 50) await delay(50);
  return look();
}

describe('the scripts of the simulated partners', () => {
  const differences = new Map<string, Promise<readonly string[]>>();
  const simulators: Simulator[] = [];
  let flow: LittleFlow;

  beforeAll(async () => {
    const secret = 'a-secret-for-tests';
    const readers: {
      tradevest?: ReturnType<typeof createTradevestReader>;
      coinify?: ReturnType<typeof createCoinifyReader>;
    } = {};
    flow = new LittleFlow({ headers: TRADEVEST.headers, secret, policies: policiesForScripts(DUE_MS), readers });
    const deliverTo = await listenOn(flow.server);
    const tradevest = await startTradevestSimulator({ ...TRADEVEST, deliverTo, dueMs: DUE_MS });
    const coinify = await startCoinifySimulator({ secret, deliverTo, dueMs: DUE_MS });
    simulators.push(tradevest, coinify);
    const addresses = ({ url, tokenUrl }: Simulator) => ({ apiUrl: url, tokenUrl, timeoutMs: TIMEOUT_MS });
    readers.tradevest = createTradevestReader({ ...TRADEVEST, ...addresses(tradevest) });
    readers.coinify = createCoinifyReader({ ...addresses(coinify), credentials: { tokenUrl: coinify.tokenUrl } });
    const of: Partial<Record<Partner, Simulator>> = { tradevest, coinify };
    for (const script of playable) {
      const simulator = of[script.partner];
      if (simulator !== undefined) differences.set(script.name, differencesOf(flow, simulator, script));
    }
    await Promise.allSettled(differences.values());
  }, 60_000);

  afterAll(async () => {
    await Promise.all(simulators.map((simulator) => simulator.stop()));
    flow.stop();
  });

  it.each(playable)('ends as it says by the rules of the domain: $name', async (script) => {
    expect(await differences.get(script.name)).toEqual([]);
  });
});

describe('the catalogue', () => {
  it('has one script of a name, so that one can be started by it', () => {
    expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length);
  });

  it('shows at least fourteen kinds of misbehaviour on at least forty objects', () => {
    expect(new Set(catalogue.flatMap(({ misbehaviours }) => misbehaviours)).size).toBeGreaterThanOrEqual(14);
    expect(demonstration.length).toBeGreaterThanOrEqual(40);
  });

  it.each(catalogue)('accounts for every delivery of $name exactly once', ({ steps, expected }) => {
    const sending = steps.filter((step) => !isSilent(step) && !('of' in step)).length;
    const retried = steps.filter(({ do: what }) => what === 'deliver-answer-lost').length;
    const silentCancels =
      steps.filter(({ do: what }) => what === 'cancel').length - (expected.state === 'CANCELED' ? 1 : 0);
    const outcomes = Object.values(expected.outcomes).reduce((sum, count) => sum + count, 0);
    const accounted = outcomes + expected.duplicate + expected.parked + expected.rejected;
    expect(accounted).toBe(sending + retried - Math.max(0, silentCancels));
  });

  it.each(catalogue)('names a state, an end and findings of $name that fit each other', ({ steps, expected }) => {
    expect(expected.open && expected.endBy !== null).toBe(false);
    const swept = steps.filter(({ do: what }) => what === 'lose').length;
    const missed = 'exactly' in expected.findings ? expected.findings.exactly.filter((one) => one === 'missed') : [];
    expect(missed.length + swept).toBe(expected.recovered);
  });
});
