import { setTimeout as delay } from 'node:timers/promises';

import * as t from 'io-ts';

import type { Reading } from '../../src/domain/reading';
import type { Subject } from '../../src/domain/subject';
import { catalogue, demonstration } from '../../src/simulator/catalogue';
import { startCoinifySimulator } from '../../src/simulator/coinify/coinify-simulator';
import { policiesForScripts } from '../../src/simulator/pace';
import type { Expected, Script } from '../../src/simulator/script';
import type { Simulator } from '../../src/simulator/server';
import { startTradevestSimulator } from '../../src/simulator/tradevest/tradevest-simulator';
import { type Followed, getJson, LittleFlow } from './little-flow';
import { coinifyToken, listenOn, tradevestToken, TRADEVEST } from './clients';

const DUE_MS = 2_000;
const COINIFY_STATES: Readonly<Record<string, string>> = {
  awaiting_transfer_in: 'created',
  processing: 'transfer-in-completed',
};
const TradevestOrder = t.intersection([
  t.type({ status: t.string }),
  t.partial({ executionData: t.unknown, execution: t.unknown, partialExecutions: t.array(t.unknown) }),
]);
const CoinifyTrade = t.type({ id: t.number, state: t.string });

function objectReading(status: string, quantityExecuted: boolean | null): Reading {
  return { kind: 'object', status, executions: [], quantityExecuted, reason: null };
}

let tradevest: Simulator;
let coinify: Simulator;
const token: { tradevest?: string } = {};

async function readOrder(subject: Subject): Promise<Reading | undefined> {
  token.tradevest ??= await tradevestToken(tradevest);
  const headers = { authorization: `Bearer ${token.tradevest}`, 'requestor-id': TRADEVEST.requestorId };
  for (const path of ['/digital/orders/', '/trading/order/']) {
    const answer = await getJson(`${tradevest.url}${path}${subject.id}`, headers);
    if (answer.status === 404) continue;
    if (answer.status !== 200 || !TradevestOrder.is(answer.body)) return undefined;
    const { executionData, execution, partialExecutions } = answer.body;
    const isSaid = executionData !== undefined || execution !== undefined || (partialExecutions ?? []).length > 0;
    return objectReading(answer.body.status, isSaid ? true : null);
  }
  return { kind: 'absent' };
}

async function readTrade(subject: Subject): Promise<Reading | undefined> {
  const bearer = await coinifyToken(coinify, subject.readHints.traderId ?? '');
  const answer = await getJson(`${coinify.url}/trades/${subject.id}`, { authorization: `Bearer ${bearer}` });
  if (answer.status === 404) return { kind: 'absent' };
  if (answer.status !== 200 || !CoinifyTrade.is(answer.body)) return undefined;
  return objectReading(COINIFY_STATES[answer.body.state] ?? answer.body.state, null);
}

function shown(followed: Followed, expected: Expected): Expected {
  const subject = followed.subject;
  const found = (subject?.findings ?? []).map(({ finding }) => finding);
  const among = 'among' in expected.findings ? expected.findings.among : null;
  const isAllowed = among !== null && found.every((one) => among.includes(one));
  return {
    state: subject?.state ?? null,
    endBy: subject?.end?.by === 'operator' ? null : (subject?.end?.by ?? null),
    open: subject?.end === null,
    overdue: subject?.overdue ?? false,
    findings: isAllowed ? expected.findings : { exactly: found },
    outcomes: followed.outcomes,
    duplicate: followed.duplicate,
    parked: followed.parked,
    rejected: followed.rejected,
    recovered: followed.recovered,
  };
}

/** Plays, and waits (boundedly) until the flow has ended as expected, or has not. */
async function outcomeOf(flow: LittleFlow, script: Script): Promise<Expected> {
  const played = await (script.partner === 'tradevest' ? tradevest : coinify).play(script, flow.observer);
  const followed = flow.followed(played.objectId);
  for (let waitedMs = 0; waitedMs < 6 * DUE_MS; waitedMs += 50) {
    const now = shown(followed, script.expected);
    if (JSON.stringify(now) === JSON.stringify(script.expected)) break;
    await delay(50);
  }
  return shown(followed, script.expected);
}

describe('the scripts of the simulated partners', () => {
  const endings = new Map<string, Promise<Expected>>();
  let flow: LittleFlow;

  beforeAll(async () => {
    flow = new LittleFlow({
      headers: TRADEVEST.headers,
      secret: 'a-secret-for-tests',
      policies: policiesForScripts(DUE_MS),
      read: (subject) => (subject.partner === 'tradevest' ? readOrder(subject) : readTrade(subject)),
    });
    const deliverTo = await listenOn(flow.server);
    tradevest = await startTradevestSimulator({ ...TRADEVEST, deliverTo, dueMs: DUE_MS });
    coinify = await startCoinifySimulator({ secret: 'a-secret-for-tests', deliverTo, dueMs: DUE_MS });
    for (const script of catalogue) endings.set(script.name, outcomeOf(flow, script));
    await Promise.allSettled(endings.values());
  });

  afterAll(async () => {
    await Promise.all([tradevest.stop(), coinify.stop()]);
    flow.stop();
  });

  it.each(catalogue)('ends as it says by the rules of the domain: $name', async (script) => {
    expect(await endings.get(script.name)).toEqual(script.expected);
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
    const sending = steps.filter(({ do: what }) => !['advance', 'reads', 'until-found', 'wait'].includes(what)).length;
    const retried = steps.filter(({ do: what }) => what === 'deliver-answer-lost').length;
    const silentCancels =
      steps.filter(({ do: what }) => what === 'cancel').length - (expected.state === 'CANCELED' ? 1 : 0);
    const outcomes = Object.values(expected.outcomes).reduce((sum, count) => sum + count, 0);
    const accounted = outcomes + expected.duplicate + expected.parked + expected.rejected;
    expect(accounted).toBe(sending + retried - Math.max(0, silentCancels));
  });

  it.each(catalogue)('names a state, an end and findings of $name that fit each other', ({ expected }) => {
    expect(expected.endBy === null).toBe(expected.open);
    const missed = 'exactly' in expected.findings ? expected.findings.exactly.filter((one) => one === 'missed') : [];
    expect(missed).toHaveLength(expected.recovered);
  });
});
