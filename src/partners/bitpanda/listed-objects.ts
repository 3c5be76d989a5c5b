import * as t from 'io-ts';

import { writeJson } from '../../codecs/json';
import { ObjectId } from '../../codecs/primitives';
import { ReadFailure, type ReadFailureCause } from '../reading';
import type { LackingList, Listing, SweepWindow, SweptEvent } from '../sweep';
import { entriesOf, type PagedList } from './paged-list';

/**
 * Lists of objects, each with the webhook that an entry becomes; those of movements come first. The search for corporate
 * actions refuses a period of more than 31 days (vendors.md §3.1).
 */
const LISTS = [
  {
    list: 'corporate-actions',
    isMovement: true,
    mostDays: 31,
    has: ['ca_id', 'action'],
    webhookOf: corporateActionEntry,
  },
  {
    list: 'non-user-initiated-transactions',
    isMovement: true,
    mostDays: Infinity,
    has: ['type', 'direction'],
    webhookOf: transactionEntry,
  },
  { list: 'automated-orders', isMovement: false, mostDays: Infinity, has: ['status'], webhookOf: automatedOrderEntry },
] as const;

/** The name of a list of objects. */
type ListName = (typeof LISTS)[number]['list'];

type Source = Pick<PagedList<ListedObject>, 'get' | 'templates'>;

/**
 * Webhooks by which the objects of a period were told. A list that is not there, or answers what nobody expects, keeps the
 * others and the events from nobody: it is said. Throws `ReadFailure` where the partner is away.
 */
export async function objectsOf(sourceOf: (list: ListName) => Source, window: SweepWindow): Promise<Listing> {
  const events: SweptEvent[] = [];
  const lacking: LackingList[] = [];
  let cutOff: string | undefined;
  for (const { list, isMovement, mostDays, has, webhookOf } of LISTS) {
    if (window.movementsOnly === true && !isMovement) continue;
    try {
      for (const part of partsOf(window, mostDays)) {
        const read = await entriesOf({ ...sourceOf(list), entry: entryWith(has), what: `the list ${list}` }, part);
        events.push(...read.entries.flatMap((entry) => webhookOf(entry) ?? []));
        cutOff ??= read.cutOff;
      }
    } catch (error) {
      lacking.push(lackingOf(list, error));
    }
  }
  return {
    events,
    ...(cutOff === undefined ? {} : { cutOff }),
    ...(lacking.length === 0 ? {} : { lacking }),
  };
}

const DAY_MS = 86_400_000;

/** Two years of them: each costs requests, and a sweep has to end. What is older the list of events alone brings. */
const MOST_PARTS = 24;

/** The window in parts of so many days, the newest of them where they are too many. */
function partsOf({ from, to }: SweepWindow, mostDays: number): readonly SweepWindow[] {
  const [startMs, endMs] = [Date.parse(from), Date.parse(to)];
  const partMs = Math.min(mostDays * DAY_MS, Math.max(endMs - startMs, 1));
  const parts = Math.max(1, Math.ceil((endMs - startMs) / partMs));
  const iso = (ms: number): string => new Date(Math.min(ms, endMs)).toISOString();
  return Array.from({ length: parts }, (_, part) => ({
    from: iso(startMs + part * partMs),
    to: iso(startMs + (part + 1) * partMs),
  })).slice(-MOST_PARTS);
}

const LACKING_CAUSES: readonly ReadFailureCause[] = ['unexpected-status', 'forbidden', 'undecodable'];

/** Rethrows what says that the partner is away. */
function lackingOf(list: ListName, error: unknown): LackingList {
  if (!(error instanceof ReadFailure) || !LACKING_CAUSES.includes(error.failureCause)) throw error;
  return { list, why: error.message, isAbsent: error.message.endsWith('answered 404') };
}

/** An entry of a list of objects; what it holds is read by the codec of the webhook that it becomes. */
const ListedObject = t.intersection([t.type({ id: ObjectId }), t.UnknownRecord]);
type ListedObject = t.TypeOf<typeof ListedObject>;

/** An entry with these fields: an answer of another kind must not become webhooks. */
function entryWith(fields: readonly string[]): t.Type<ListedObject, unknown> {
  const name = `an entry with ${fields.join(' and ')}`;
  return t.refinement(ListedObject, (entry) => fields.every((field) => Object.hasOwn(entry, field)), name);
}

/** Actions in which a share always goes, whatever its `type` says (vendors.md §3.3). */
const TAKES_THE_SHARE = ['delisting', 'merger_cash'];

/**
 * A movement of a corporate action. The list calls the action `action`, and `type` what the webhook holds in its details.
 * Whether amounts of `subtract` carry their sign is not printed: one without is given it.
 */
function corporateActionEntry(entry: ListedObject): SweptEvent {
  const { id, ca_id, action, user_id, type, defined_for, asset_amount, credited_at, ...rest } = entry;
  const { asset_id, asset_symbol, fiat_id, fiat_symbol, fiat_amount } = rest;
  const isTaken = type === 'subtract' || (typeof action === 'string' && TAKES_THE_SHARE.includes(action));
  return swept('corporate-actions', {
    ...{ id, ca_id, user_pid: user_id, type: action, time: credited_at },
    ...{ asset_id, asset_symbol, asset_amount: isTaken ? negative(asset_amount) : asset_amount },
    ...{ fiat_id, fiat_symbol, fiat_amount },
    additional_details: { type, action, credited_at, type_defined_for: defined_for, asset_group: 'stock' },
  });
}

function negative(amount: unknown): unknown {
  return typeof amount === 'string' && /^\+?\d/.test(amount) && /[1-9]/.test(amount)
    ? `-${amount.replace('+', '')}`
    : amount;
}

/** A transaction that the user did not ask for, in the fields of the second version. */
function transactionEntry(entry: ListedObject): SweptEvent {
  return swept('non-user-initiated-transactions-v2', entry);
}

const ENDS = ['finished', 'failed', 'cancelled', 'canceled'];

/** An automated order that has ended. One that goes on, or has no trade yet, no webhook tells. */
function automatedOrderEntry(entry: ListedObject): SweptEvent | null {
  const { trade_id: tradeId, status } = entry;
  const hasEnded = typeof status === 'string' && ENDS.includes(status) && typeof tradeId === 'string';
  return hasEnded ? swept('automated-orders', entry) : null;
}

function swept(route: string, params: Readonly<Record<string, unknown>>): SweptEvent {
  const given = Object.entries(params).filter(([, value]) => value !== undefined);
  return { route, body: Buffer.from(writeJson({ params: Object.fromEntries(given) })) };
}
