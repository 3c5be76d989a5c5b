import { knownWord } from '../../codecs/primitives';
import type { LifecycleTable } from '../../domain/lifecycles/table';
import { TRADEVEST_ORDER_STATUSES } from './lifecycles/order';

/** In the partner's schemas, and by its pages never sent. */
const UNUSED = ['CANCELLATION_REJECTED', 'CANCELLATION_ACCEPTED', 'RECONCILIATION_CORRECTION'];

function whereToAdd(object: string): string {
  return (
    `a new one is added as one line to src/partners/tradevest/lifecycles/${object}.ts with a fixture, ` +
    'and `partnerflow retry` then brings the delivery in'
  );
}

/** Pages of one partner write both: each means the word that the object's own table has (vendors.md §1.3). */
const SPELLINGS = [
  ['CANCELED', 'CANCELLED'],
  ['CANCELLED', 'CANCELED'],
] as const;

function spellingsOf(words: readonly string[]): ReadonlyMap<string, string> {
  return new Map(SPELLINGS.filter(([given, ours]) => !words.includes(given) && words.includes(ours)));
}

/** An order's status. Any other word parks the delivery with this sentence. */
export const OrderStatus = knownWord(
  TRADEVEST_ORDER_STATUSES,
  `one of ${TRADEVEST_ORDER_STATUSES.join(', ')} (the partner documents ${UNUSED.join(', ')} as unused); ` +
    whereToAdd('order'),
  spellingsOf(TRADEVEST_ORDER_STATUSES),
);

/** The status of an object, one of its table's states. Any other word parks the delivery with the sentence. */
export function statusOf({ object, states }: LifecycleTable) {
  const words = Object.keys(states);
  return knownWord(words, `one of ${words.join(', ')}; ${whereToAdd(object)}`, spellingsOf(words));
}
