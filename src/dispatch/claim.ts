import type { Kysely } from 'kysely';

import type { Policies } from '../domain/lifecycles/rules';
import { writableText } from '../domain/plain-text';
import { workflowIdOf } from '../domain/subject-key';
import type { Partner } from '../domain/partner';
import type { Partners } from '../partners/partners';
import { type DecodedNames, type DueFrom, type DueDelivery, lease, selectDue } from '../store/deliveries/due';
import type { Encryption } from '../store/encryption';
import type { Tables } from '../store/schema/tables';
import { type DecodedDelivery, decodeAll, type Decoding } from './decode';
import { withStoredIds } from './stored-ids';

/** Limits of one claim. */
export interface ClaimLimits {
  readonly leaseToken: string;
  readonly leaseMs: number;
  /** Number of deliveries. */
  readonly limit: number;
  /** Bytes of their bodies. A body that is larger is claimed alone. */
  readonly bytes: number;
  /** Absent: of all partners. */
  readonly from?: DueFrom;
}

/** Deliveries that were claimed, and what is left. */
export interface Claimed {
  readonly deliveries: readonly DecodedDelivery[];
  /** True where more may be due already: as many were found as were asked for, or their bodies were too large together. */
  readonly isMore: boolean;
  /** True where some wait behind one of their subject that is being dispatched right now. */
  readonly isMoreSoon: boolean;
}

interface ClaimDependencies {
  readonly database: Kysely<Tables>;
  readonly partners: Partners;
  readonly encryption: Encryption;
  readonly policies: Pick<Policies, 'localClockOf'>;
}

/**
 * Claim of the deliveries that are due, taken from each partner in turn: a partner with a large backlog keeps none of
 * the others waiting. They are decoded in the same transaction, and each row then names its subject. A delivery behind
 * another of its subject waits until that one has gone on.
 */
export async function claimNext(dependencies: ClaimDependencies, limits: ClaimLimits): Promise<Claimed> {
  return dependencies.database.transaction().execute(async (transaction) => {
    const from = limits.from ?? { notOf: [] };
    const found = inTurn(await selectDue(transaction, from, limits.limit));
    const due = inOrderOfArrival(firstWithin(found, limits));
    if (due.length === 0) return { deliveries: [], isMore: false, isMoreSoon: false };
    const decoded = await decodeAll({ ...dependencies, database: transaction }, due);
    const decodings = await withStoredIds(transaction, decoded);
    const names = due.map((delivery) => namesOf(delivery, decodings.get(delivery.id)));
    const { claims, isMoreSoon } = await lease(transaction, names, limits);
    const deliveries = claims.flatMap((claim) => {
      const decoding = decodings.get(claim.id);
      return decoding === undefined ? [] : [{ claim, ...decoding }];
    });
    const isMore = found.length >= limits.limit || due.length < found.length;
    return { deliveries, isMore, isMoreSoon };
  });
}

/** Deliveries of all partners, one of each in turn. */
export function inTurn(byPartner: ReadonlyMap<Partner, readonly DueDelivery[]>): readonly DueDelivery[] {
  const lists = [...byPartner.values()];
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) => lists.flatMap((list) => list[turn] ?? [])).flat();
}

/** The first deliveries whose bodies fit into memory together; at least one. */
export function firstWithin(
  due: readonly DueDelivery[],
  { limit, bytes }: Pick<ClaimLimits, 'limit' | 'bytes'>,
): readonly DueDelivery[] {
  let total = 0;
  const end = due.findIndex(({ bodyBytes }, index) => {
    total += bodyBytes;
    return index >= limit || (index > 0 && total > bytes);
  });
  return end === -1 ? due : due.slice(0, end);
}

/** In the order of arrival: of two of one subject, the later may have become due first. */
function inOrderOfArrival(due: readonly DueDelivery[]): readonly DueDelivery[] {
  return [...due].sort((a, b) => (BigInt(a.position) < BigInt(b.position) ? -1 : 1));
}

/** Names of a delivery as they are written into its row. One that could not be written would keep all others from being claimed. */
function namesOf(delivery: DueDelivery, decoding: Decoding | undefined): DecodedNames {
  switch (decoding?.kind) {
    case 'decoded': {
      const { event, subject } = decoding.decoded;
      return { delivery, event: writableText(event), workflowId: writableText(workflowIdOf(subject)) };
    }
    case 'undecodable':
      return { delivery, event: decoding.event === null ? null : writableText(decoding.event), workflowId: null };
    case 'undecryptable':
    case 'failed':
    case undefined:
      return { delivery, event: null, workflowId: null };
  }
}
