import * as t from 'io-ts';

import { decode, isProse } from '../../codecs/decode';
import { parseJsonList, writeJson } from '../../codecs/json';
import { EventName } from '../../codecs/primitives';
import { decodeAnswer, type PartnerAnswer } from '../http-client';
import type { PartnerSweep } from '../sweep';
import { tradevestEvents } from './events';

/** One notification that Tradevest believes was missed: its event type, and the rest of the entry as JSON text. */
export interface MissedEntry {
  readonly eventType: string;
  readonly body: string;
}

/** Stands for the type of an entry that names none: it is kept and parked under this rather than hide all others. */
const UNNAMED = 'unnamed';

const Named = t.intersection([t.type({ eventType: EventName }), t.UnknownRecord]);

function entryOf(value: unknown): MissedEntry {
  const named = decode(Named, value);
  if (!named.ok) return { eventType: UNNAMED, body: writeJson(value) };
  const { eventType, ...body } = named.value;
  // A route is shown in every list; a sentence may name a person.
  if (isProse(eventType)) return { eventType: UNNAMED, body: writeJson(value) };
  return { eventType, body: writeJson(body) };
}

/** The entries of `GET /webhooks-missing`; only that they start with `eventType` is documented (vendors.md §1.1). */
export function missedEntries(answer: PartnerAnswer): readonly MissedEntry[] {
  return decodeAnswer(t.array(t.unknown), answer, 'the missed webhooks', parseJsonList).map(entryOf);
}

/** The endpoint whose webhook was missed; that unknown ones are spelled like the known is assumed (MAPPING.md). */
function routeOf(eventType: string): string {
  const known = tradevestEvents.find(({ event }) => event === eventType);
  return (
    known?.route ??
    eventType
      .toLowerCase()
      .replace(/[^a-z0-9.~-]/g, '-')
      .slice(0, 100)
  );
}

/** What Tradevest says was missed, in the shape of its webhooks; it lists what it pleases, whatever the window. */
export function createTradevestSweep(readMissed: () => Promise<readonly MissedEntry[]>): PartnerSweep {
  return async () => {
    const entries = await readMissed();
    return entries.map(({ eventType, body }) => ({ route: routeOf(eventType), body: Buffer.from(body) }));
  };
}
