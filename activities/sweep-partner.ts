import { activityInfo } from '@temporalio/activity';
import type { Kysely } from 'kysely';

import { decideBooking } from '../src/domain/booking';
import { bookingOf } from '../src/domain/notification';
import type { Partner } from '../src/domain/partner';
import { workflowIdOf } from '../src/domain/subject-key';
import { isKnown } from '../src/domain/sweep';
import type { Decoding, PartnerDecoder } from '../src/partners/event';
import type { Listing, PartnerSweep, SweptEvent } from '../src/partners/sweep';
import { loadBooked } from '../src/store/ledger/movements';
import { hasBacklog, loadSubjects } from '../src/store/flows/subjects';
import type { Encryption } from '../src/store/encryption';
import { appendSwept, seenKeys, sweptHash, sweptHashes } from '../src/store/deliveries/swept';
import type { Tables } from '../src/store/schema/tables';
import type { SweepActivities, SweepResult, SweepWindowRequest } from '../workflows/contract';
import { cutOffFailure, MOST_TRIES, readFailure, storeFailure } from './failures';

/** Resources for sweeping a partner. */
export interface SweepDependencies {
  readonly database: Kysely<Tables>;
  readonly partner: Partner;
  readonly decoder: PartnerDecoder;
  readonly sweep: PartnerSweep;
  /** Seals the bodies of what is kept. */
  readonly encryption: Encryption;
}

/** A sweep must not bring more at once than dispatch works off in the meantime; the rest is found the next time. */
const MOST_KEPT = 2_000;

interface DecodedDelivery {
  readonly event: SweptEvent;
  readonly decoding: Decoding;
}

function moves({ decoding }: DecodedDelivery): boolean {
  return decoding.ok && bookingOf(decoding.decoded.content) !== undefined;
}

/** The events that no delivery has brought: neither by their id, nor by what their subject knows, nor by their bytes. */
async function newOnes(
  { database, partner }: SweepDependencies,
  decodedDeliveries: readonly DecodedDelivery[],
): Promise<readonly SweptEvent[]> {
  const decoded = decodedDeliveries.flatMap(({ decoding }) => (decoding.ok ? [decoding.decoded] : []));
  const keys = decoded.flatMap(({ duplicateKey }) => (duplicateKey === null ? [] : [duplicateKey.key]));
  const seen = await seenKeys(database, partner, keys);
  const subjects = await loadSubjects(database, [...new Set(decoded.map(({ subject }) => workflowIdOf(subject)))]);
  const hashes = await sweptHashes(
    database,
    partner,
    decodedDeliveries.map(({ event }) => event.body),
  );
  const booked = await loadBooked(
    database,
    partner,
    decoded.flatMap(({ content }) => bookingOf(content)?.transactionId ?? []),
  );
  const isNew = ({ event, decoding }: DecodedDelivery): boolean => {
    if (!decoding.ok) return !hashes.has(sweptHash(event.body));
    const { duplicateKey, subject, content } = decoding.decoded;
    const booking = bookingOf(content);
    const known = booked.get(booking?.transactionId ?? '') ?? [];
    if (booking !== undefined && decideBooking(booking, known).kind === 'known') return false;
    // Without an id the same entry, listed for good, would be kept anew by every sweep.
    if (duplicateKey === null && hashes.has(sweptHash(event.body))) return false;
    if (duplicateKey !== null && seen.has(duplicateKey.key)) return false;
    return !isKnown(subjects.get(workflowIdOf(subject))?.subject ?? null, content);
  };
  return decodedDeliveries.filter(isNew).map(({ event }) => event);
}

/** Keeps what never arrived. While our own deliveries wait for dispatch nothing can be called new: the next sweep will tell. */
async function keepNew(
  dependencies: SweepDependencies,
  events: readonly SweptEvent[],
  asked: Date,
  movementsOnly: boolean,
): Promise<SweepResult> {
  const { database, partner, decoder, encryption } = dependencies;
  try {
    if (await hasBacklog(database, partner, asked)) return { listed: events.length, kept: 0, waitsForBacklog: true };
    const decodedDeliveries = events.map((event) => ({
      event,
      decoding: decoder.decode(event.route, event.body, 'sweep'),
    }));
    const wanted = movementsOnly ? decodedDeliveries.filter(moves) : decodedDeliveries;
    const kept = (await newOnes(dependencies, wanted)).slice(0, MOST_KEPT);
    await appendSwept(database, partner, kept, encryption);
    return { listed: events.length, kept: kept.length, waitsForBacklog: false };
  } catch (error) {
    throw storeFailure(error);
  }
}

/** Result of a sweep, and the reason why it is incomplete. */
interface Swept extends Pick<Listing, 'cutOff'> {
  readonly result: SweepResult;
}

/** A list that was cut off is no answer: what stood behind it may be just what the asking flow misses. */
function told({ result, cutOff }: Swept): SweepResult {
  if (cutOff === undefined || result.waitsForBacklog) return result;
  const { listed, kept } = result;
  throw cutOffFailure(
    `${cutOff}; before that it held ${listed} events, ${kept} of them had never arrived and are kept`,
  );
}

/** A sweep under way, or the last one, and what it was asked. */
interface Asked {
  readonly from: string;
  readonly startedAtMs: number;
  readonly swept: Promise<Swept>;
}

/** True where a sweep looks as far back and started late enough: thousands of sets that settle together ask once. */
function answers(last: Asked | null, { from, notBefore }: SweepWindowRequest): last is Asked {
  if (last === null || notBefore === undefined) return false;
  return Date.parse(last.from) <= Date.parse(from) && last.startedAtMs >= Date.parse(notBefore);
}

/** Asks a partner what it has sent, and keeps what never came as deliveries with the source `sweep`; also of a list that was cut off. */
export function createSweepActivities(dependencies: SweepDependencies): SweepActivities {
  const sweep = async ({ from, to, movementsOnly }: SweepWindowRequest): Promise<Swept> => {
    const asked = new Date();
    let listing: Listing;
    try {
      listing = await dependencies.sweep({ from, to });
    } catch (error) {
      throw readFailure(error, activityInfo().attempt >= MOST_TRIES);
    }
    const { events, ...rest } = listing;
    return { ...rest, result: await keepNew(dependencies, events, asked, movementsOnly === true) };
  };
  let last: Asked | null = null;
  return {
    async sweepPartner(request) {
      if (answers(last, request)) return told(await last.swept);
      const asked: Asked = { from: request.from, startedAtMs: Date.now(), swept: sweep(request) };
      last = asked;
      const forget = (): void => {
        if (last === asked) last = null;
      };
      const swept = await asked.swept.catch((error: unknown) => {
        forget();
        throw error;
      });
      if (swept.result.waitsForBacklog) forget();
      return told(swept);
    },
  };
}
