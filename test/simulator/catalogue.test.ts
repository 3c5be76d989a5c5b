import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { check } from '../../src/development/demo-check';
import type { OperationsClient } from '../../src/development/operations-client';
import { type BitpandaKey, createBitpandaAuthenticate } from '../../src/partners/bitpanda/authenticate';
import { type BitpandaReader, createBitpandaReader } from '../../src/partners/bitpanda/client';
import { createCoinifyAuthenticate } from '../../src/partners/coinify/authenticate';
import { createCoinifyReader } from '../../src/partners/coinify/client';
import { askDecision } from '../../src/partners/decision';
import type { PartnerReader } from '../../src/partners/reading';
import { createStaticHeaderAuthenticate } from '../../src/partners/static-headers';
import { createTradevestReader } from '../../src/partners/tradevest/client';
import { catalogue, demonstration } from '../../src/simulator/catalogue';
import { startBitpandaSimulator } from '../../src/simulator/bitpanda/bitpanda-simulator';
import { startCoinifySimulator } from '../../src/simulator/coinify/coinify-simulator';
import { policiesForScripts } from '../../src/simulator/pace';
import { isSilent, type Script } from '../../src/simulator/script';
import type { Simulator } from '../../src/simulator/server';
import { startTradevestSimulator } from '../../src/simulator/tradevest/tradevest-simulator';
import { isKnownPartner, type KnownPartner } from '../support/partners';
import { LittleFlow } from './little-flow';
import { listenOn, TRADEVEST } from './clients';

const DUE_MS = 2_000;
const TIMEOUT_MS = 1_500;
/** All at once, the burst would be taken for a partner's delay. */
const STAGGER_MS = 20;

/** Sweeps and movements need a store, which is not here: the demonstration plays their scripts. */
const playable = catalogue.filter(({ steps, books }) => books !== true && !steps.some((step) => step.do === 'sweep'));

function bitpandaKey(): { keyid: string; privateKeyPem: string; jwk: BitpandaKey } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const privateKeyPem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return { keyid: 'a-key', privateKeyPem, jwk: { kid: 'a-key', kty: 'EC', crv: 'P-256', x, y } };
}

function operationsOf(flow: LittleFlow): OperationsClient {
  return {
    flow: (workflowId) => Promise.resolve(flow.flow(workflowId)),
    delivery: (id) => Promise.resolve(flow.delivery(id)),
    deliveriesOf: () => Promise.resolve([]),
    retry: () => Promise.reject(new Error('nothing is parked here')),
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
    const { keyid, privateKeyPem, jwk } = bitpandaKey();
    const readers: Partial<Record<KnownPartner, PartnerReader>> = {};
    let confirm: BitpandaReader['confirmRecurrence'] = () => Promise.reject(new Error('not started'));
    let decisionUrl = '';
    flow = new LittleFlow({
      authenticate: {
        tradevest: createStaticHeaderAuthenticate({ 'api-key': [TRADEVEST.headers['api-key']] }),
        coinify: createCoinifyAuthenticate([secret]),
        bitpanda: createBitpandaAuthenticate({ keys: [jwk], maxAgeSeconds: 300 }),
      },
      policies: policiesForScripts(DUE_MS),
      readers,
      plans: {
        decide: (savingsPlanId, { transactionId, userId, amount, currency, deadline }) =>
          askDecision(decisionUrl, { savingsPlanId, transactionId, userId, amount, currency, deadline }),
        confirm: ({ transactionId, userId }) => confirm(transactionId, userId),
      },
    });
    const common = { deliverTo: await listenOn(flow.server), dueMs: DUE_MS };
    const client = { clientId: 'a-client', clientSecret: 'a-client-secret' };
    const started: Record<KnownPartner, Simulator> = {
      tradevest: await startTradevestSimulator({ ...TRADEVEST, ...common }),
      coinify: await startCoinifySimulator({ secret, ...common }),
      bitpanda: await startBitpandaSimulator({ ...client, keyid, privateKeyPem, ...common }),
    };
    simulators.push(...Object.values(started));
    const addresses = ({ url, tokenUrl }: Simulator) => ({ apiUrl: url, tokenUrl, timeoutMs: TIMEOUT_MS });
    const coinifyTokens = { credentials: { tokenUrl: started.coinify.tokenUrl } };
    const bitpanda = createBitpandaReader({ ...client, ...addresses(started.bitpanda) });
    confirm = bitpanda.confirmRecurrence;
    decisionUrl = `${started.bitpanda.url}/simulator/decisions`;
    readers.tradevest = createTradevestReader({ ...TRADEVEST, ...addresses(started.tradevest) });
    readers.coinify = createCoinifyReader({ ...addresses(started.coinify), ...coinifyTokens });
    readers.bitpanda = bitpanda;
    for (const script of playable) {
      differences.set(
        script.name,
        differencesOf(flow, started[isKnownPartner(script.partner) ? script.partner : 'tradevest'], script),
      );
      await delay(STAGGER_MS);
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
