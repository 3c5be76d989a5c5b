import * as t from 'io-ts';

import { decode } from '../../codecs/decode';
import { parseJsonList, writeJson } from '../../codecs/json';
import { EventName } from '../../codecs/primitives';
import { decodeAnswer, type PartnerAnswer } from '../http-client';
import { type PartnerSweep, routeNamed, shownName, UNNAMED } from '../sweep';
import { tradevestEvents } from './events';

/** One notification that Tradevest believes was missed: its event type, and the rest of the entry as JSON text. */
export interface MissedEntry {
  readonly eventType: string;
  readonly body: string;
}

const Named = t.intersection([t.type({ eventType: EventName }), t.UnknownRecord]);

/** An entry that names no type is kept whole and parked as unnamed, rather than hide all others. */
function entryOf(value: unknown): MissedEntry {
  const named = decode(Named, value);
  if (!named.ok) return { eventType: UNNAMED, body: writeJson(value) };
  const { eventType, ...body } = named.value;
  const shown = shownName(eventType);
  return { eventType: shown, body: writeJson(shown === UNNAMED ? value : body) };
}

/** The entries of `GET /webhooks-missing`; only that they start with `eventType` is documented (vendors.md §1.1). */
export function missedEntries(answer: PartnerAnswer): readonly MissedEntry[] {
  return decodeAnswer(t.array(t.unknown), answer, 'the missed webhooks', parseJsonList).map(entryOf);
}

/** The endpoint whose webhook was missed; that unknown ones are spelled like the known is assumed (MAPPING.md). */
function routeOf(eventType: string): string {
  const known = tradevestEvents.find(({ event }) => event === eventType);
  return known?.route ?? routeNamed(eventType);
}

/**
 * Sweep over the webhooks that Tradevest lists as missed, in their own shape; the list does not depend on the period.
 */
export function createTradevestSweep(readMissed: () => Promise<readonly MissedEntry[]>): PartnerSweep {
  return async () => {
    const entries = await readMissed();
    return { events: entries.map(({ eventType, body }) => ({ route: routeOf(eventType), body: Buffer.from(body) })) };
  };
}
