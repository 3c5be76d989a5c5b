import { randomUUID } from 'node:crypto';

import type { SetMovement } from '../../src/domain/lifecycles/corporate-actions/corporate-action';
import { randomOf } from '../domain/corporate-actions/random';
import { faultsOf, IN_TWO, SOUND } from '../domain/corporate-actions/set-faults';
import { movements } from '../domain/corporate-actions/set-words';
import { eventually } from '../support/eventually';
import { type MovementSystem, type MovementOf, openMovementSystem, paramsOf, type ShownSet } from './movements';

jest.setTimeout(600_000);

let system: MovementSystem;

beforeAll(async () => {
  system = await openMovementSystem();
  system.partners.events = [];
  await system.receive();
  system.work();
});

afterAll(() => system.close());

const ASSETS: Readonly<Record<string, string | number>> = {
  ...Object.fromEntries(['old', 'new', 'other', 'third'].map((name) => [`asset:${name}`, randomUUID()])),
  'asset:17': 17,
};

/** The sets of the 59 others in a spin-off: most are complete, some wait for the ratio, some are faulty on their own. */
function spinOff(n: number): string {
  const old = n * 10;
  if (n === 7) return `-${old} OLD, +${old} OLD`;
  if (n === 8) return `-0.00000001 OLD, +0.00000001 OLD`;
  if (n === 9) return `+${old} NEW`;
  if (n === 10) return `-${old + 1} OLD, +${old + 1} OLD, +${old / 2} NEW, +3 EURO`;
  if (n === 11) return `-${old} OLD, +${old} OLD, +${old} NEW`;
  return `-${old} OLD, +${old} OLD, +${old / 2} NEW`;
}

const OTHERS = Array.from({ length: 59 }, (_, index) => `other-${String(index + 2).padStart(2, '0')}`);

/** An exchange of sixty holders: its type, and the words of the others by number. */
interface Exchange {
  readonly type: string;
  readonly wordsOf: (n: number) => string;
}

const SPIN_OFF: Exchange = { type: 'spin_off', wordsOf: spinOff };
/** Each kind of fault stands in a spin-off, and in one of these in turn. */
const FURTHER: readonly Exchange[] = [SOUND, IN_TWO].flatMap((exchanges) =>
  Object.entries(exchanges).flatMap(([type, wordsOf]) => (type === 'spin_off' ? [] : [{ type, wordsOf }])),
);

const NO_MOVEMENT = {
  type: 'spin_off',
  creditedAt: '2026-03-02T10:00:00Z',
  direction: null,
  assetGroup: null,
} as const;

/** The webhooks of movements, both parts of one event in one; a contradicted one comes again with the other amount. */
function webhooksOf(caId: string, userId: string, list: readonly SetMovement[]): readonly object[] {
  const events = new Set(list.map(({ transactionId }) => transactionId));
  return [...events].flatMap((event) => {
    const parts = list.filter(({ transactionId }) => transactionId === event);
    const params = paramsIn(caId, userId, parts);
    const contradictions = parts.flatMap(({ instrument, contradictedBy }) => {
      const amount = isFiat(instrument) ? 'fiat_amount' : 'asset_amount';
      return contradictedBy === null ? [] : [{ ...params, [amount]: contradictedBy }];
    });
    return [params, ...contradictions];
  });
}

function paramsIn(caId: string, userId: string, parts: readonly SetMovement[]): Record<string, unknown> {
  const [{ type, creditedAt, direction, assetGroup } = NO_MOVEMENT] = parts;
  const share = parts.find(({ instrument }) => !isFiat(instrument));
  const money = parts.find(({ instrument }) => isFiat(instrument));
  const params = paramsOf({
    ...{ caId, userId: `${caId}-${userId}`, type, creditedAt, fiatAmount: money?.amount ?? null },
    ...(share === undefined ? {} : { amount: share.amount, asset: ASSETS[share.instrument] ?? 0 }),
    ...(direction === null ? {} : { direction }),
  });
  return {
    ...params,
    ...(money?.instrument === 'fiat:dollar' ? { fiat_id: 2, fiat_symbol: 'USD' } : {}),
    additional_details: { ...Object(params.additional_details), asset_group: assetGroup ?? 'stock' },
  };
}

function isFiat(instrument: string): boolean {
  return instrument.startsWith('fiat:');
}

/** Faults that only show where webhooks are read: what cannot be booked, and ids that contradict each other. */
const FAULTS_OF_WEBHOOKS: Readonly<Record<string, (caId: string) => readonly object[]>> = {
  'an alias that contradicts': (caId) =>
    movements('one', '-10 OLD, +10 OLD, +5 NEW').flatMap((one) => {
      const params = paramsIn(caId, 'one', [one]);
      return [params, { ...params, asset_id: 17 }];
    }),
  'neither an amount of a share nor of money': (caId) => [ofOne(caId, { asset: ASSETS['asset:old'] ?? 0 })],
  'an amount of nothing': (caId) => [ofOne(caId, { asset: ASSETS['asset:new'] ?? 0, amount: '0' })],
  'an amount that is none': (caId) => [ofOne(caId, { asset: ASSETS['asset:new'] ?? 0, amount: 'five' })],
};

function ofOne(caId: string, moved: Partial<MovementOf>): object {
  return paramsOf({ caId, userId: `${caId}-one`, ...moved });
}

/** A corporate action of sixty holders, one of them with a fault. */
interface Faulty extends Exchange {
  readonly fault: string;
  readonly webhooks: (caId: string) => readonly object[];
}

function faultyIn({ type, wordsOf }: Exchange, fault: string): Faulty {
  const list = faultsOf(type)[fault]?.(wordsOf(1)) ?? [];
  return { type, wordsOf, fault, webhooks: (caId) => webhooksOf(caId, 'one', list) };
}

const KINDS = Object.keys(faultsOf('spin_off'));
const FAULTY: readonly Faulty[] = [
  ...KINDS.map((fault) => faultyIn(SPIN_OFF, fault)),
  ...Object.entries(FAULTS_OF_WEBHOOKS).map(([fault, webhooks]) => ({ ...SPIN_OFF, fault, webhooks })),
  ...KINDS.map((fault, index) => faultyIn(FURTHER[index % FURTHER.length] ?? SPIN_OFF, fault)),
];

/** Posts all webhooks of an action; the faulty set comes first, last, or among the others. */
async function post(caId: string, { type, wordsOf }: Exchange, faulty: readonly object[], index: number) {
  const random = randomOf(index);
  const sound = OTHERS.flatMap((userId, place) =>
    webhooksOf(caId, userId, movements(userId, wordsOf(place + 2), { type })),
  );
  const orders = [
    () => [...faulty, ...random.shuffled(sound)],
    () => [...random.shuffled(sound), ...random.shuffled(faulty)],
    () => random.shuffled([...sound, ...faulty]),
  ];
  const order = orders[index % orders.length] ?? (() => sound);
  for (const page of pagesOf(order(), 20)) await Promise.all(page.map((params) => system.post(params)));
}

function pagesOf<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return all.length === 0 ? [] : [all.slice(0, size), ...pagesOf(all.slice(size), size)];
}

/** What must not change of the others: all that is shown of them but the ids of their deliveries. */
async function othersOf(caId: string): Promise<Readonly<Record<string, Essence>>> {
  const { holders } = await system.actionOf(caId);
  const names = holders.map((set) => [set.userId.slice(caId.length + 1), essenceOf(set)] as const);
  return Object.fromEntries(names.filter(([name]) => name !== 'one'));
}

type Essence = Pick<ShownSet, 'verdict' | 'before' | 'expectedNew' | 'breaks' | 'unverified'>;

function essenceOf({ verdict, before, expectedNew, breaks, unverified }: ShownSet): Essence {
  return { verdict, before, expectedNew, breaks, unverified };
}

/** Waits until every webhook has its outcome. */
async function allBooked(): Promise<void> {
  await eventually(async () => {
    const { body } = await system.call('GET', '/operations/balance');
    expect(body).toMatchObject({ pending: 0, open: 0, balanced: true });
  }, 300_000);
}

test('each kind of fault in one set of sixty leaves the other 59 as they are without it, whatever comes first', async () => {
  const controls = [SPIN_OFF, ...FURTHER].map((exchange) => ({ ...exchange, caId: randomUUID() }));
  const faulty = FAULTY.map((one) => ({ ...one, caId: randomUUID() }));
  for (const [index, one] of controls.entries()) await post(one.caId, one, [], index);
  for (const [index, one] of faulty.entries()) await post(one.caId, one, one.webhooks(one.caId), index);
  await allBooked();
  const without = await Promise.all(controls.map(async (one) => ({ ...one, shown: await judgedAlone(one.caId) })));
  const controlOf = ({ wordsOf }: Exchange) => without.find((one) => one.wordsOf === wordsOf)?.shown;
  expect(verdictsOf(controlOf(SPIN_OFF))).toEqual({ complete: 55, break: 2, 'new-share-too-small': 1, unverified: 1 });
  for (const { type, fault, caId, wordsOf } of faulty)
    await eventually(async () => {
      expect([type, fault, await othersOf(caId)]).toEqual([type, fault, controlOf({ type, wordsOf })]);
    }, 120_000);
  for (const { type, fault, caId, wordsOf } of faulty)
    expect([type, fault, await othersOf(caId)]).toEqual([type, fault, controlOf({ type, wordsOf })]);
});

/** The sets of an action without a fault, once all are judged and nothing is owed but answers and money. */
function judgedAlone(caId: string) {
  return eventually(async () => {
    const shown = await othersOf(caId);
    expect(Object.keys(shown)).toEqual(OTHERS);
    expect(Object.values(shown).map(({ verdict }) => verdict)).not.toContain(null);
    return shown;
  });
}

function verdictsOf(shown: Readonly<Record<string, Essence>> = {}): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { verdict } of Object.values(shown)) counts[verdict ?? ''] = (counts[verdict ?? ''] ?? 0) + 1;
  return counts;
}
