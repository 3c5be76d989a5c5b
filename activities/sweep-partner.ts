import { activityInfo } from '@temporalio/activity';
import type { Kysely } from 'kysely';

import { type Partner, workflowIdOf } from '../src/domain/notification';
import { isKnown } from '../src/domain/sweep';
import type { Decoding, PartnerDecoder } from '../src/partners/event';
import type { PartnerSweep, SweptEvent } from '../src/partners/sweep';
import { hasBacklog, loadSubjects } from '../src/store/subjects';
import { appendSwept, seenKeys, sweptHash, sweptHashes } from '../src/store/sweeps';
import type { Tables } from '../src/store/tables';
import type { SweepActivities, SweepResult } from '../workflows/contract';
import { readFailure, storeFailure } from './failures';

/** What sweeping a partner needs. */
export interface SweepDependencies {
  readonly database: Kysely<Tables>;
  readonly partner: Partner;
  readonly decoder: PartnerDecoder;
  readonly sweep: PartnerSweep;
}

const MOST_TRIES = 3;
/** A sweep must not bring more at once than dispatch works off in the meantime; the rest is found the next time. */
const MOST_KEPT = 2_000;

interface Understood {
  readonly event: SweptEvent;
  readonly decoding: Decoding;
}

/** What is kept for a booking that does not exist yet is not lost: it is there as it came. */
function isWaitingForLedger({ decoding }: Understood): boolean {
  return !decoding.ok && decoding.problem.found === 'not booked yet';
}

/** The events that no delivery has brought: neither by their id, nor by what their subject knows, nor by their bytes. */
async function newOnes(
  { database, partner }: SweepDependencies,
  understood: readonly Understood[],
): Promise<readonly SweptEvent[]> {
  const decoded = understood.flatMap(({ decoding }) => (decoding.ok ? [decoding.decoded] : []));
  const keys = decoded.flatMap(({ duplicateKey }) => (duplicateKey === null ? [] : [duplicateKey.key]));
  const seen = await seenKeys(database, partner, keys);
  const subjects = await loadSubjects(database, [...new Set(decoded.map(({ subject }) => workflowIdOf(subject)))]);
  const hashes = await sweptHashes(
    database,
    partner,
    understood.map(({ event }) => event.body),
  );
  const isNew = ({ event, decoding }: Understood): boolean => {
    if (!decoding.ok) return !hashes.has(sweptHash(event.body));
    const { duplicateKey, subject, content } = decoding.decoded;
    // Without an id the same entry, listed for good, would be kept anew by every sweep.
    if (duplicateKey === null && hashes.has(sweptHash(event.body))) return false;
    if (duplicateKey !== null && seen.has(duplicateKey.key)) return false;
    return !isKnown(subjects.get(workflowIdOf(subject))?.subject ?? null, content);
  };
  return understood.filter((one) => !isWaitingForLedger(one) && isNew(one)).map(({ event }) => event);
}

/** Keeps what never arrived. While our own deliveries wait for dispatch nothing can be called new: the next sweep will tell. */
async function keepNew(
  dependencies: SweepDependencies,
  events: readonly SweptEvent[],
  asked: Date,
): Promise<SweepResult> {
  const { database, partner, decoder } = dependencies;
  try {
    if (await hasBacklog(database, partner, asked)) return { listed: events.length, kept: 0, waitsForBacklog: true };
    const understood = events.map((event) => ({ event, decoding: decoder.decode(event.route, event.body, 'sweep') }));
    const kept = (await newOnes(dependencies, understood)).slice(0, MOST_KEPT);
    await appendSwept(database, partner, kept);
    return { listed: events.length, kept: kept.length, waitsForBacklog: false };
  } catch (error) {
    throw storeFailure(error);
  }
}

/** Asks a partner what it has sent, and keeps what never came as deliveries with the source `sweep`. */
export function createSweepActivities(dependencies: SweepDependencies): SweepActivities {
  return {
    async sweepPartner({ from, to }) {
      const asked = new Date();
      let events: readonly SweptEvent[];
      try {
        events = await dependencies.sweep({ from, to });
      } catch (error) {
        throw readFailure(error, activityInfo().attempt >= MOST_TRIES);
      }
      return keepNew(dependencies, events, asked);
    },
  };
}
