import type { Kysely } from 'kysely';
import type { Logger } from 'pino';

import type { Partners } from '../partners/partners';
import type { Claim } from '../store/deliveries/due';
import { isDatabaseAway } from '../store/database-errors';
import type { Encryption } from '../store/encryption';
import type { Tables } from '../store/schema/tables';
import { failureCode } from '../temporal/errors';
import type { Decision } from './decision';
import { decide, type DecisionRules } from './decide';
import type { DecodedDelivery } from './decode';
import { afterFailure, storeProblem } from './failure';
import { loadFacts } from './load-facts';
import { recordBatch } from './record';
import { type SignalDependencies, type SignalledDecision, sendSignals } from './signal';
import type { DispatchWatch } from './watch';

/** The servers, values and limits with which deliveries are dispatched. */
export interface DispatchDependencies extends DecisionRules, SignalDependencies {
  readonly database: Kysely<Tables>;
  readonly partners: Partners;
  readonly encryption: Encryption;
  /** By which references are found; null or absent: they are not. */
  readonly referenceHashKey?: Buffer | null | undefined;
  readonly logger: Logger;
  /** Measures, traces and logs what is dispatched; absent in tests. */
  readonly watch?: DispatchWatch;
}

/**
 * Dispatch of claimed deliveries, from their facts to what is recorded. The process may end at any point: a delivery
 * whose decision was not recorded is claimed again when its lease runs out, and a flow ignores a delivery it has folded.
 * `onRecorded` is told of those that are recorded, or given back, as they come.
 * Returns `temporal-away` where some went back because Temporal is away. Rejects where the database is away.
 */
export async function dispatchBatch(
  dependencies: DispatchDependencies,
  deliveries: readonly DecodedDelivery[],
  onRecorded: (claims: readonly Claim[]) => void = () => undefined,
): Promise<'done' | 'temporal-away'> {
  const claims = deliveries.map(({ claim }) => claim);
  dependencies.watch?.claimed(claims);
  try {
    const decisions = await decideAll(dependencies, deliveries);
    let isAway = false;
    for await (const group of sendSignals(dependencies, decisions)) {
      if ((await recordAll(dependencies, group)) === 'temporal-away') isAway = true;
      onRecorded(group.map(({ decision }) => decision.claim));
    }
    return isAway ? 'temporal-away' : 'done';
  } finally {
    dependencies.watch?.ended(claims);
  }
}

/** Decisions about all deliveries. Where the store refuses what one of them holds, each is decided on by itself. */
async function decideAll(
  dependencies: DispatchDependencies,
  deliveries: readonly DecodedDelivery[],
): Promise<readonly Decision[]> {
  const decideTogether = async (some: readonly DecodedDelivery[]): Promise<readonly Decision[]> => {
    const factsOf = await loadFacts(dependencies.database, some);
    return some.map((delivery) => decide(delivery, factsOf(delivery), dependencies));
  };
  return eachByItself(deliveries, decideTogether, ({ claim }, failure) => [
    afterFailure({ claim, event: null }, storeProblem(failure), dependencies.mostTries),
  ]);
}

/** Record of a group. Where PostgreSQL refuses what one of them holds, each is recorded by itself. */
async function recordAll(
  dependencies: DispatchDependencies,
  group: readonly SignalledDecision[],
): Promise<'done' | 'temporal-away'> {
  const record = async (some: readonly SignalledDecision[]) => [await recordBatch(dependencies, some)];
  const results = await eachByItself(group, record, async ({ decision }, failure) => {
    // Its event may be just what cannot be written.
    const base = { claim: decision.claim, event: null };
    const failed = afterFailure(base, storeProblem(failure), dependencies.mostTries);
    return record([{ decision: failed, runId: null }]);
  });
  return results.includes('temporal-away') ? 'temporal-away' : 'done';
}

/**
 * Results of work on all items together, or on each by itself where that fails: a failure then belongs to the one item
 * that fails alone. Rejects where the database is away, which is no item's fault.
 */
async function eachByItself<Item, Result>(
  items: readonly Item[],
  work: (items: readonly Item[]) => Promise<readonly Result[]>,
  failed: (item: Item, failure: string) => readonly Result[] | Promise<readonly Result[]>,
): Promise<readonly Result[]> {
  try {
    return await work(items);
  } catch (error) {
    if (isDatabaseAway(error)) throw error;
    const [only] = items;
    if (items.length === 1 && only !== undefined) return failed(only, failureCode(error));
    const results: Result[] = [];
    for (const item of items) results.push(...(await eachByItself([item], work, failed)));
    return results;
  }
}
