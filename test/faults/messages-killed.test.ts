import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { Agent } from 'undici';

import type { FeedMessage } from '../../src/domain/messages/event';
import { mapConcurrently } from '../../src/lib/concurrency';
import { type Applied, type Consumer, openConsumer } from '../outbox/consumer';
import { eventually } from '../support/eventually';
import { type OwnPostgres, startOwnPostgres } from '../support/own-postgres';
import { wholeFeed } from '../support/whole-feed';
import { coinifyWebhook, send, tradevestWebhook, type Webhook } from './partner-stub';
import { openSystem, type Part, type System } from './system';

jest.setTimeout(1_800_000);

/** Number of subjects; PARTNERFLOW_LIVES=5000 is the storm of the issue. */
const LIVES = Number(process.env.PARTNERFLOW_LIVES ?? 200);
const KILLS = 9;
const SENDERS = 6;
const PATIENCE_MS = 120_000 + LIVES * 200;
const SECRET = 'a secret of this test';

let postgres: OwnPostgres;
let consumer: Consumer;
let system: System;
const agent = new Agent({ connections: SENDERS });
const parts: { worker?: Part; receiver?: Part } = {};

beforeAll(async () => {
  [postgres, consumer] = await Promise.all([startOwnPostgres(), openConsumer(SECRET)]);
  await consumer.start();
  system = await openSystem({
    ownDatabaseUrl: postgres.url,
    environmentOf: () => ({
      OUTBOX_WEBHOOK_URL: consumer.url,
      OUTBOX_WEBHOOK_SECRET: SECRET,
      OUTBOX_TYPES: '*',
      OUTBOX_TIMEOUT_MS: '2000',
    }),
  });
  parts.receiver = await system.receive();
  system.receiveElsewhere();
  parts.worker = system.work();
});
afterAll(async () => {
  await system.close();
  await agent.close();
  await consumer.close();
  await postgres.stop();
});

/** As a partner does: again until it is kept. */
async function tell(webhook: Webhook): Promise<void> {
  for (let tries = 1; (await send(system.url, webhook, agent)) === null; tries += 1) {
    if (tries > 3_000) throw new Error('never kept');
    await delay(100);
  }
}

/** An object that lives from its first word to its last. */
interface Life {
  readonly subject: string;
  readonly ends: string;
  readonly live: () => Promise<void>;
}

function lifeOf(index: number): Life {
  const id = randomUUID();
  const isOrder = index % 2 === 0;
  const isGood = index % 3 !== 0;
  const states = isOrder
    ? ['PLACED', ...(isGood ? ['FILLED', 'SETTLED'] : ['REJECTED'])]
    : ['created', ...(isGood ? ['transfer-in-completed', 'completed'] : ['rejected'])];
  return {
    subject: isOrder ? `tradevest:order:${id}` : `coinify:trade:${id}`,
    ends: states.at(-1) ?? '',
    async live() {
      for (const state of states) {
        system.partners.states.set(id, state);
        await tell(isOrder ? tradevestWebhook(id, state) : coinifyWebhook(id, state));
      }
    },
  };
}

const KILLERS = [
  async () => {
    await parts.receiver?.kill();
    parts.receiver = await system.receive();
  },
  async () => {
    await parts.worker?.kill();
    parts.worker = system.work();
  },
  async () => {
    await consumer.kill();
    await delay(300);
    await consumer.start();
  },
  () => postgres.killAndRestart(),
];

async function killAgainAndAgain(): Promise<void> {
  for (let kill = 0; kill < KILLS; kill += 1) {
    await delay(1_000);
    await KILLERS[kill % KILLERS.length]?.();
  }
}

/** A message's own words: what it changed, from what. */
function chainOf(messages: readonly FeedMessage[]): readonly unknown[] {
  return messages.map(({ type, data }) => [type, data?.state]);
}

function bySubject<M extends { readonly subject: string }>(messages: readonly M[]): ReadonlyMap<string, readonly M[]> {
  const groups = new Map<string, M[]>();
  for (const one of messages) groups.set(one.subject, [...(groups.get(one.subject) ?? []), one]);
  return groups;
}

const ENDS: Readonly<Record<string, string>> = {
  SETTLED: 'order.settled',
  REJECTED: 'order.rejected',
  completed: 'order.settled',
  rejected: 'trade.rejected',
};

test(`${String(LIVES)} subjects live while everything is killed: the feed has every message, and so has the consumer, in order`, async () => {
  const lives = Array.from({ length: LIVES }, (_, index) => lifeOf(index));
  await Promise.all([mapConcurrently(lives, SENDERS, (life) => life.live()), killAgainAndAgain()]);
  const { kysely } = system.database;
  await eventually(async () => {
    const open = await kysely.selectFrom('subjects').select('workflow_id').where('open', '=', true).execute();
    expect(open).toEqual([]);
    const unnumbered = await kysely.selectFrom('message_changes').select('position').execute();
    expect(unnumbered).toEqual([]);
  }, PATIENCE_MS);

  const feed = await wholeFeed(kysely);
  expect(feed.map(({ sequence }) => Number(sequence))).toEqual(feed.map((_, index) => index + 1));
  const told = bySubject(feed);
  for (const { subject, ends } of lives) {
    const own = told.get(subject) ?? [];
    // Each message goes on where the one before ended.
    const states = own.filter(({ data }) => data?.previousState !== data?.state);
    for (const [index, { data }] of states.entries())
      expect(data?.previousState ?? null).toBe(states[index - 1]?.data?.state ?? null);
    expect({ subject, chain: chainOf(own) }).toEqual({ subject, chain: expect.arrayContaining([[ENDS[ends], ends]]) });
    expect(own.filter(({ type }) => type === ENDS[ends])).toHaveLength(1);
  }

  const pushed = feed.filter(({ type }) => type !== 'alert.raised');
  await eventually(() => expect(consumer.applied().length).toBe(pushed.length), PATIENCE_MS);
  const place = new Map(feed.map(({ id, sequence, subject }) => [id, { place: Number(sequence), subject }]));
  const applied = consumer.applied().map(({ id }: Applied) => place.get(id) ?? { place: 0, subject: 'unknown' });
  expect(new Set(applied.map((one) => one.place)).size).toBe(pushed.length);
  for (const own of bySubject(applied).values())
    expect(own.map((one) => one.place)).toEqual([...own.map((one) => one.place)].sort((a, b) => a - b));
});
