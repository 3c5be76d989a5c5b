import type { Json, ObjectKind, SimulatedObject, WebhookContent } from '../kind';
import { bitpandaKind } from './bitpanda-kind';
import { EUR, inventedId, SHARE, since, SPIN_OFF } from './invented';

/** Legs of a spin-off that gives one new share for two old ones, each with integer or UUID ids. */
const LEGS = ['old-out', 'old-in', 'new-in', 'new-in-again'];
const INTEGER = '-with-integer';

/** Holdings of one holder of the old share; decimals, from the object's number so that a run is reproducible. */
type Holding = (object: SimulatedObject) => { readonly old: string; readonly received: string };

const usual: Holding = ({ number }) => ({ old: `${2 * number}.00000002`, received: `${number}.00000001` });
/** Half of the smallest amount there is: it yields no new share. */
const dust: Holding = () => ({ old: '0.00000001', received: '0' });

/** Id shared by all holders of one spin-off, so that the complete ones prove its ratio. */
const together = (seed: string): string => inventedId('spin-off', seed);

/** Amounts of actions that are one event; money has reached our wallet. */
const AMOUNTS: Readonly<Record<string, readonly [share: string | null, money: string | null]>> = {
  dividend: [null, '100.00000000'],
  stock_split: ['12.00000000', null],
  reverse_stock_split: ['-9.00000000', null],
  delisting: ['-3.00000000', '100.00000000'],
};

const singleEvent = bitpandaKind({
  name: 'corporate-action',
  states: Object.keys(AMOUNTS),
  idOf: (seed, number) => `${inventedId('corporate action', seed, number)}:${inventedId('holder', seed, number)}`,
  event: 'corporate-actions',
  body: (object, content) => {
    const [caId, userPid] = object.id.split(':');
    const status = content.status ?? '';
    const [share = null, money = null] = AMOUNTS[status] ?? [];
    return {
      ...{ id: inventedId('movement', object.id, status), ca_id: caId, user_pid: userPid, type: status },
      ...{ asset_id: SHARE.uuid, asset_symbol: SHARE.symbol, time: since(object, content), asset_amount: share },
      ...{ fiat_id: money === null ? null : EUR.uuid, fiat_symbol: money === null ? null : EUR.symbol },
      fiat_amount: money,
      additional_details: null,
    };
  },
});

/** Corporate actions: a spin-off over many holders, one over a single holder, and those of one event. */
export const corporateActionKinds: readonly ObjectKind[] = [
  spinOff('spin-off-holder', together, usual),
  spinOff('spin-off-dust-holder', together, dust),
  spinOff('lone-spin-off-holder', (seed, number) => inventedId('lone spin-off', seed, number), usual),
  singleEvent,
];

function spinOff(name: string, actionOf: (seed: string, number: number) => string, holding: Holding): ObjectKind {
  return bitpandaKind({
    name,
    object: 'corporate-action',
    states: LEGS.flatMap((leg) => [leg, leg + INTEGER]),
    idOf: (seed, number) => `${actionOf(seed, number)}:${inventedId('holder', seed, number)}`,
    event: 'corporate-actions',
    body: (object, content) => spinOffBody(object, content, holding),
  });
}

function spinOffBody(object: SimulatedObject, content: WebhookContent, holding: Holding): Json {
  const [caId, userPid] = object.id.split(':');
  const status = content.status ?? '';
  const leg = status.replace(INTEGER, '');
  const share = leg.startsWith('old') ? SHARE : SPIN_OFF;
  const amount = amountOf(leg, holding(object), content.altered);
  // Webhooks with either kind of id report the same event: it is repeated, not a second one.
  const at = object.history[0]?.at ?? content.at;
  return {
    ...{ id: inventedId('movement', object.id, leg), ca_id: caId, user_pid: userPid, type: 'spin_off' },
    ...{ asset_id: status.endsWith(INTEGER) ? share.int : share.uuid, asset_symbol: share.symbol, time: at },
    ...{ asset_amount: amount, fiat_id: null, fiat_symbol: null, fiat_amount: null },
    additional_details: {
      ...{ id_defined_for: 'wallet_transaction', type_defined_for: 'asset', asset_group: 'stock', action: 'spin_off' },
      ...{ type: 'payout', direction: amount.startsWith('-') ? 'outgoing' : 'incoming', credited_at: at },
    },
  };
}

function amountOf(leg: string, { old, received }: ReturnType<Holding>, altered: boolean): string {
  if (altered) return '99';
  if (leg === 'old-out') return `-${old}`;
  return leg === 'old-in' ? old : received;
}
