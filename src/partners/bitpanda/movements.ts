import type { Booking, BookingLeg } from '../../domain/booking';
import type { Problem } from '../../domain/problem';
import type { CorporateAction, CryptoAction, Transaction } from './movement-bodies';

/** Fields of a body that have an amount. */
type Kind = 'asset' | 'fiat';

type Optional = string | null | undefined;

/** The kind of transactions whose first version cannot say it (vendors.md §3.3, from the printed examples). */
const KINDS_OF_VERSION_1: Readonly<Record<string, Kind>> = {
  tax_refund: 'fiat',
  metal_storage_fee: 'asset',
  staking_reward: 'asset',
  giveaway: 'asset',
  otc_trade: 'asset',
};

const NO_AMOUNT = { expected: 'an asset amount or a fiat amount', found: 'neither' };

function present(text: Optional): text is string {
  return text !== null && text !== undefined;
}

function isProblem(leg: BookingLeg | Problem): leg is Problem {
  return 'path' in leg;
}

const BARE = { direction: null, assetGroup: null, isObligation: false, fee: null, value: null, alias: null } as const;

function missingId(path: string): Problem {
  return { path, expected: 'the id of what the amount is of', found: 'missing' };
}

/** The legs of an event, or the first thing that keeps one from being booked. */
function gather(legs: readonly (BookingLeg | Problem)[]): readonly BookingLeg[] | Problem {
  return legs.find(isProblem) ?? legs.filter((leg): leg is BookingLeg => !isProblem(leg));
}

function shareLeg({ asset_id: asset, asset_amount: amount, additional_details: details }: CorporateAction) {
  if (!present(amount)) return [];
  if (!present(asset)) return [missingId('params.asset_id')];
  const { direction = null, asset_group: assetGroup = null } = details ?? {};
  return [{ ...BARE, leg: 'asset', instrument: `asset:${asset}`, amount, direction, assetGroup }];
}

/** Money that has reached our corporate wallet; nothing where the partner writes 0. */
function moneyLeg({ fiat_id: fiat, fiat_amount: amount }: CorporateAction) {
  if (!present(amount) || amount === '0') return [];
  if (!present(fiat)) return [missingId('params.fiat_id')];
  return [{ ...BARE, leg: 'fiat', instrument: `fiat:${fiat}`, amount, isObligation: true }];
}

/** A corporate action's amounts carry their sign; the direction beside it is only compared (vendors.md §3.1). */
export function corporateActionBooking(body: CorporateAction): Booking | Problem {
  if (!present(body.asset_amount) && !present(body.fiat_amount)) return { path: 'params.asset_amount', ...NO_AMOUNT };
  const creditedAt = body.additional_details?.credited_at ?? body.time;
  if (!present(creditedAt)) return { path: 'params.time', expected: 'when it was credited', found: 'missing' };
  const money = moneyLeg(body);
  const share = shareLeg(body);
  // A fiat amount of 0 alone books nothing, and is remembered as that.
  const legs = gather([...share, ...money]);
  if ('path' in legs) return legs;
  const { id: transactionId, user_pid: userId, ca_id: corporateActionId, type } = body;
  const nothing = { ...BARE, leg: 'fiat', instrument: `fiat:${body.fiat_id ?? 'none'}`, amount: '0' };
  return {
    transactionId,
    userId,
    corporateActionId,
    type,
    creditedAt,
    legs: legs.length === 0 ? [nothing] : legs,
    mayGrow: false,
  };
}

/** Fields on which a corporate action's booking rests beside those that always decide. */
export function corporateActionDecidedBy({ params: body }: { readonly params: CorporateAction }): readonly string[] {
  const { asset_amount: assetAmount, fiat_amount: fiatAmount, additional_details: details } = body;
  return [
    ...(present(assetAmount) ? ['params.asset_id'] : []),
    ...(present(fiatAmount) && fiatAmount !== '0' ? ['params.fiat_id'] : []),
    ...(present(details?.credited_at) ? [] : ['params.time']),
  ];
}

/** Fields that a leg's amounts come from; where both are there the fiat amount is the asset's value. */
interface Amounts {
  readonly path: string;
  readonly kind: Optional;
  readonly asset: Optional;
  readonly assetAmount: Optional;
  readonly fiat: Optional;
  readonly fiatAmount: Optional;
  readonly direction: string;
  readonly fee: Optional;
}

function signed(amount: string, direction: string): string {
  return direction === 'outgoing' && amount !== '0' ? `-${amount}` : amount;
}

function unsignedLeg(leg: string | null, amounts: Amounts): BookingLeg | Problem {
  const { path, kind, asset, assetAmount, fiat, fiatAmount, direction, fee } = amounts;
  const isFiat = present(fiatAmount) && (kind === 'fiat' || !present(assetAmount));
  const [name, id, amount] = isFiat ? (['fiat', fiat, fiatAmount] as const) : (['asset', asset, assetAmount] as const);
  if (!present(amount)) return { path: `${path}asset_amount`, ...NO_AMOUNT };
  if (!present(id)) return missingId(`${path}${name}_id`);
  if (amount.startsWith('-')) {
    return {
      path: `${path}${name}_amount`,
      expected: 'an amount without a sign: direction gives it',
      found: 'a signed one',
    };
  }
  const hasValue = !isFiat && present(fiatAmount) && present(fiat);
  return {
    ...BARE,
    leg: leg ?? name,
    instrument: `${name}:${id}`,
    amount: signed(amount, direction),
    direction,
    fee: fee ?? null,
    value: hasValue ? { instrument: `fiat:${fiat}`, amount: fiatAmount } : null,
  };
}

/** Fields of a leg that say what moves: of money its amount and id, else of an asset, else of what is there. */
function movedBy(kind: Optional, assetAmount: Optional, fiatAmount: Optional): readonly Kind[] {
  const [own, other, amount] =
    kind === 'fiat' ? (['fiat', 'asset', fiatAmount] as const) : (['asset', 'fiat', assetAmount] as const);
  return present(amount) ? [own] : [own, other];
}

/** Fields on which the booking of a transaction rests. Version 1 writes money into the fields of an asset. */
export function transactionDecidedBy(
  { params: body }: { readonly params: Transaction },
  isVersion1: boolean,
): readonly string[] {
  const kinds = isVersion1 ? (['asset'] as const) : movedBy(body.type_defined_for, body.asset_amount, body.fiat_amount);
  return kinds.flatMap((kind) => [`params.${kind}_amount`, `params.${kind}_id`]);
}

/** The kind a body says; version 1 says none, and only some of its types have one that is known. */
function kindOf({ type, type_defined_for: said }: Transaction, isVersion1: boolean): Optional {
  return isVersion1 && Object.hasOwn(KINDS_OF_VERSION_1, type) ? KINDS_OF_VERSION_1[type] : said;
}

/** Version 1 writes money into the fields of an asset. */
function withMoneyOfVersion1(body: Transaction, isVersion1: boolean): Transaction {
  if (!isVersion1 || kindOf(body, isVersion1) !== 'fiat') return body;
  return { ...body, fiat_id: body.asset_id, fiat_amount: body.asset_amount, asset_id: null, asset_amount: null };
}

/** A transaction the user did not ask for, in any version: one booking, whichever came first. */
export function transactionBooking(given: Transaction, isVersion1: boolean): Booking | Problem {
  const body = withMoneyOfVersion1(given, isVersion1);
  const kind = kindOf(given, isVersion1);
  const { id: transactionId, user_id: userId, type, direction, created_at: creditedAt } = body;
  const leg = unsignedLeg(null, {
    path: 'params.',
    kind,
    asset: body.asset_id,
    assetAmount: body.asset_amount,
    fiat: body.fiat_id,
    fiatAmount: body.fiat_amount,
    direction,
    fee: body.asset_fee,
  });
  if ('path' in leg) return leg;
  const booking = { transactionId, userId, corporateActionId: null, type, creditedAt, legs: [leg], mayGrow: false };
  if (!isVersion1) return booking;
  const problem = kindProblem(type);
  if (!present(kind)) return { ...booking, kindUnknown: problem };
  return KINDS_OF_VERSION_1[type] === 'asset' ? { ...booking, assetUnlessMoney: problem } : booking;
}

function kindProblem(type: string): Problem {
  const expected = `one of ${Object.keys(KINDS_OF_VERSION_1).join(', ')}, or a later version of the same event (kind unknown: asset or fiat)`;
  return { path: 'params.type', expected, found: type };
}

type CryptoLeg = CryptoAction['transactions'][number];

function integerOf(text: Optional): string | null {
  return present(text) && /^\d+$/.test(text) ? text : null;
}

function aliasOf({ asset_id: uuid, asset_int: integer }: CryptoLeg): BookingLeg['alias'] {
  const number = integerOf(integer);
  if (number === null || !present(uuid) || integerOf(uuid) !== null) return null;
  return { integer: `asset:${number}`, uuid: `asset:${uuid}` };
}

function cryptoLeg(one: CryptoLeg, index: number): BookingLeg | Problem {
  const leg = unsignedLeg(one.id, {
    path: `params.transactions.${String(index)}.`,
    kind: one.type_defined_for,
    asset: one.asset_id ?? one.asset_int,
    assetAmount: one.asset_amount,
    fiat: one.fiat_id ?? one.fiat_int,
    fiatAmount: one.fiat_amount,
    direction: one.direction,
    fee: one.fee_amount,
  });
  return isProblem(leg) ? leg : { ...leg, alias: aliasOf(one) };
}

/** Fields on which the booking of a crypto action rests: of two ids of one thing, the second where the first is not there. */
export function cryptoActionDecidedBy({ params: body }: { readonly params: CryptoAction }): readonly string[] {
  return body.transactions.flatMap((leg, index) => {
    const path = `params.transactions.${String(index)}`;
    const kinds = movedBy(leg.type_defined_for, leg.asset_amount, leg.fiat_amount);
    return kinds.flatMap((kind) => {
      const isNamed = present(leg[`${kind}_id`]) || present(leg[`${kind}_int`]);
      const ids = isNamed ? [] : [`${path}.${kind}_id`, `${path}.${kind}_int`];
      return [`${path}.${kind}_amount`, ...ids];
    });
  });
}

/** A crypto action books every leg; one that comes again with another leg books that leg. */
export function cryptoActionBooking(body: CryptoAction): Booking | Problem {
  const { id: transactionId, user_id: userId, type, credited_at: creditedAt, transactions } = body;
  const twice = transactions.findIndex(({ id }, index) => transactions.findIndex((one) => one.id === id) !== index);
  if (twice >= 0) {
    return {
      path: `params.transactions.${String(twice)}.id`,
      expected: 'another id than the legs before',
      found: 'the same',
    };
  }
  const legs = gather(transactions.map(cryptoLeg));
  if ('path' in legs) return legs;
  return { transactionId, userId, corporateActionId: null, type, creditedAt, legs, mayGrow: true };
}
