import { activityInfo } from '@temporalio/activity';
import type { Kysely } from 'kysely';

import { decideBooking } from '../src/domain/booking';
import { bookingOf } from '../src/domain/notification';
import type { Partner } from '../src/domain/partner';
import { workflowIdOf } from '../src/domain/subject-key';
import { isKnown } from '../src/domain/sweep';
import type { Decoded, Decoding, PartnerDecoder } from '../src/partners/event';
import type { Listing, PartnerSweep, SweepWindow, SweptEvent } from '../src/partners/sweep';
import { loadBooked } from '../src/store/ledger/movements';
import { newestPlace, undecodedWait, waitingSubjects } from '../src/store/deliveries/backlog';
import { storedKeys } from '../src/store/flows/stored-ids';
import { loadSubjects } from '../src/store/flows/subjects';
import type { Encryption } from '../src/store/encryption';
import { appendSwept, seenKeys, sweptHash, sweptHashes } from '../src/store/deliveries/swept';
import { type AlertCause, raiseAlerts } from '../src/store/outbox/alerts';
import type { Tables } from '../src/store/schema/tables';
import type { SweepActivities, SweepResult, SweepWindowRequest } from '../workflows/contract';
import { cutOffFailure, MOST_TRIES, readFailure, storing } from './failures';

/** The things that sweeping a partner needs. */
export interface SweepDependencies {
  readonly database: Kysely<Tables>;
  readonly partner: Partner;
  readonly decoder: PartnerDecoder;
  readonly sweep: PartnerSweep;
  /** Encrypts the bodies of what is kept. */
  readonly encryption: Encryption;
  readonly alertWindowMs: number;
}

/** A sweep under way, or the last one, and what it was asked. */
interface AskedSweep {
  readonly from: string;
  /** Time at which the server scheduled it, as its flows' times are: this worker's clock may be ahead of theirs. */
  readonly scheduledAtMs: number;
  readonly swept: Promise<Swept>;
}

/** The result of a sweep, and why it is not all there is. */
interface Swept extends Pick<Listing, 'cutOff'> {
  readonly result: SweepResult;
}

/**
 * The activity that asks a partner what it has sent. What never came is kept as deliveries with the source `sweep`, also
 * of a list that was cut off. Throws what `readFailure`, `cutOffFailure` and `storeFailure` make.
 */
export function createSweepActivities(dependencies: SweepDependencies): SweepActivities {
  let last: AskedSweep | null = null;
  return {
    async sweepPartner(request) {
      if (isAnsweredBy(last, request)) return resultOf(await last.swept);
      const asked: AskedSweep = {
        from: request.from,
        scheduledAtMs: activityInfo().currentAttemptScheduledTimestampMs,
        swept: sweep(dependencies, request),
      };
      last = asked;
      const forget = (): void => {
        if (last === asked) last = null;
      };
      const swept = await asked.swept.catch((error: unknown) => {
        forget();
        throw error;
      });
      if (swept.result.waitsForBacklog) forget();
      return resultOf(swept);
    },
  };
}

/** True where a sweep asks as far back and started late enough: thousands of sets that are judged together ask once. */
function isAnsweredBy(last: AskedSweep | null, { from, notBefore }: SweepWindowRequest): last is AskedSweep {
  if (last === null || notBefore === undefined) return false;
  return Date.parse(last.from) <= Date.parse(from) && last.scheduledAtMs >= Date.parse(notBefore);
}

/** A list that was cut off is a failure: what it lacks may be just what the asking flow misses. */
function resultOf({ result, cutOff }: Swept): SweepResult {
  if (cutOff === undefined || result.waitsForBacklog) return result;
  const { listed, kept } = result;
  throw cutOffFailure(
    `${cutOff}; before that it held ${listed} events, ${kept} of them had never arrived and are kept`,
  );
}

async function sweep(dependencies: SweepDependencies, { from, to, movementsOnly }: SweepWindowRequest): Promise<Swept> {
  const upTo = await storing(() => newestPlace(dependencies.database));
  const listing = await list(dependencies, { from, to, movementsOnly: movementsOnly === true });
  const { events, cutOff } = listing;
  await storing(() => tell(dependencies, listing));
  const result = await storing(() => keepNew(dependencies, events, upTo, movementsOnly === true));
  return { ...(cutOff === undefined ? {} : { cutOff }), result: { ...result, ...toldOf(listing) } };
}

async function list(dependencies: SweepDependencies, window: SweepWindow): Promise<Listing> {
  try {
    return await dependencies.sweep(window);
  } catch (error) {
    throw readFailure(error, activityInfo().attempt >= MOST_TRIES);
  }
}

/** One alert a window, however many are listed: what belongs to no webhook is no delivery, and must not be one each. */
async function tell(
  { database, partner, alertWindowMs }: SweepDependencies,
  { unrouted = [], lacking = [] }: Listing,
): Promise<void> {
  const causes: readonly AlertCause[] = [
    ...unrouted.map((name) => ({ partner, finding: 'unrouted' as const, example: `${partner}:event:${name}` })),
    ...lacking
      .filter(({ isAbsent }) => !isAbsent)
      .map(({ list }) => ({ partner, finding: 'unreachable' as const, example: `${partner}:list:${list}` })),
  ];
  if (causes.length > 0) await raiseAlerts(database, causes, alertWindowMs);
}

/** The part of the result that says what the partner's lists did not give; absent where there is nothing to say. */
function toldOf({ unrouted = [], lacking = [] }: Listing): Pick<SweepResult, 'unrouted' | 'lacking'> {
  return {
    ...(unrouted.length === 0 ? {} : { unrouted: unrouted.length }),
    ...(lacking.length === 0 ? {} : { lacking: lacking.map(({ list, why }) => `${list}: ${why}`) }),
  };
}

interface DecodedEvent {
  readonly event: SweptEvent;
  readonly decoding: Decoding;
}

/** A sweep must not bring more at once than dispatch works off in the meantime; the rest is found the next time. */
const MOST_KEPT = 2_000;

/**
 * Keeps what never arrived. While deliveries wait that nobody could decode yet, nothing can be called new; while one of a
 * subject waits, nothing of that subject: the next sweep finds it.
 */
async function keepNew(
  dependencies: SweepDependencies,
  events: readonly SweptEvent[],
  upTo: string,
  movementsOnly: boolean,
): Promise<SweepResult> {
  const { database, partner, decoder, encryption } = dependencies;
  if (await undecodedWait(database, partner, upTo)) return { listed: events.length, kept: 0, waitsForBacklog: true };
  const decoded = events.map((event) => ({ event, decoding: decoder.decode(event.route, event.body, 'sweep') }));
  const wanted = firstOfEach(movementsOnly ? decoded.filter(isMovement) : decoded);
  const kept = (await newOnes(dependencies, wanted, upTo)).slice(0, MOST_KEPT);
  await appendSwept(database, partner, kept, encryption);
  return { listed: events.length, kept: kept.length, waitsForBacklog: false };
}

/** An event that several lists show is kept once: the first list, that of the events, is nearest to its webhook. */
function firstOfEach(events: readonly DecodedEvent[]): readonly DecodedEvent[] {
  const seen = new Set<string>();
  return events.filter(({ decoding }) => {
    const id = decoding.ok ? eventIdOf(decoding.decoded) : null;
    if (id === null) return true;
    const isFirst = !seen.has(id);
    seen.add(id);
    return isFirst;
  });
}

function eventIdOf({ content, duplicateKey }: Decoded): string | null {
  return bookingOf(content)?.transactionId ?? duplicateKey?.key ?? null;
}

function isMovement({ decoding }: DecodedEvent): boolean {
  return decoding.ok && bookingOf(decoding.decoded.content) !== undefined;
}

/** The events that no delivery has brought: neither by their id, nor by what their subject knows, nor by their bytes. */
async function newOnes(
  { database, partner }: SweepDependencies,
  events: readonly DecodedEvent[],
  upTo: string,
): Promise<readonly SweptEvent[]> {
  const decoded = events.flatMap(({ decoding }) => (decoding.ok ? [decoding.decoded] : []));
  const keys = decoded.flatMap(({ duplicateKey }) => duplicateKey?.key ?? []);
  const transactionIds = decoded.flatMap(({ content }) => bookingOf(content)?.transactionId ?? []);
  const bodies = events.map(({ event }) => event.body);
  const seen = await seenKeys(database, partner, keys);
  const named = decoded.map(({ subject }) => subject);
  const storedKeyOf = await storedKeys(database, named);
  const workflowIds = [...new Set(named.map(storedKeyOf).map(workflowIdOf))];
  const subjects = await loadSubjects(database, workflowIds);
  const waiting = await waitingSubjects(database, workflowIds, upTo);
  const hashes = await sweptHashes(database, partner, bodies);
  const booked = await loadBooked(database, partner, transactionIds);
  const isNew = ({ event, decoding }: DecodedEvent): boolean => {
    const isSwept = (): boolean => hashes.has(sweptHash(event.body));
    if (!decoding.ok) return !isSwept();
    const { duplicateKey, subject, content } = decoding.decoded;
    if (waiting.has(workflowIdOf(storedKeyOf(subject)))) return false;
    const booking = bookingOf(content);
    const known = booked.get(booking?.transactionId ?? '') ?? [];
    if (booking !== undefined && decideBooking(booking, known).kind === 'known') return false;
    // Without an id the same entry, listed for good, would be kept anew by every sweep.
    if (duplicateKey === null ? isSwept() : seen.has(duplicateKey.key)) return false;
    return !isKnown(subjects.get(workflowIdOf(storedKeyOf(subject)))?.subject ?? null, content);
  };
  return events.filter(isNew).map(({ event }) => event);
}
