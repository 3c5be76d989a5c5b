import type { Kysely } from 'kysely';
import type { Logger } from 'pino';

import type { Policies } from '../domain/lifecycles/rules';
import type { Partners } from '../partners/partners';
import type { Claim } from '../store/deliveries/claims';
import type { Encryption } from '../store/encryption';
import type { Tables } from '../store/schema/tables';
import type { FlowStarter } from '../temporal/flow-client';
import { decide } from './decide';
import { decodeClaims } from './decode';
import { loadFacts } from './load-facts';
import { recordBatch } from './record';
import { sendSignals } from './signal';
import { withStoredIds } from './stored-ids';
import type { DispatchWatch } from './watch';

/** The servers, values and limits with which deliveries are dispatched. */
export interface DispatchDependencies {
  readonly database: Kysely<Tables>;
  readonly partners: Partners;
  readonly encryption: Encryption;
  readonly logger: Logger;
  readonly flows: FlowStarter;
  readonly policies: Policies;
  /** Signals under way at once. */
  readonly concurrency: number;
  /** Number of times that Temporal may refuse a delivery before it is parked. */
  readonly mostRefusals: number;
  /** Measures, traces and logs what is dispatched; absent in tests. */
  readonly watch?: DispatchWatch;
}

/**
 * Dispatch of one batch, from its claims to what is recorded. The process may end at any point: a delivery whose
 * decision was not recorded is claimed again when its lease runs out, and a flow ignores a delivery it has folded.
 * Returns `temporal-away` where some of the batch went back because Temporal could not be reached.
 */
export async function dispatchBatch(
  dependencies: DispatchDependencies,
  claims: readonly Claim[],
): Promise<'done' | 'temporal-away'> {
  dependencies.watch?.claimed(claims);
  const { database } = dependencies;
  const deliveries = await withStoredIds(database, await decodeClaims(dependencies, claims));
  const factsOf = await loadFacts(database, deliveries);
  const decisions = deliveries.map((delivery) => decide(delivery, factsOf(delivery), dependencies));
  const signalled = await sendSignals(dependencies, decisions);
  return recordBatch(dependencies, signalled);
}
