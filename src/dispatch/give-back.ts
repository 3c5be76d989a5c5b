import type { Kysely } from 'kysely';
import type { Logger } from 'pino';

import { type Claim, release } from '../store/deliveries/claims';
import type { Tables } from '../store/schema/tables';
import { refusalWaitMs } from '../temporal/errors';
import type { ReturnCause } from './decide';
import type { DispatchWatch } from './watch';

/** A claim that goes back, and why. */
export type ReturnedClaim = ReturnCause & { readonly claim: Claim };

interface ReturnDependencies {
  readonly database: Kysely<Tables>;
  readonly logger: Logger;
  readonly watch?: DispatchWatch;
}

/**
 * The return of claims: their deliveries stay pending, and are claimed again after a wait that depends on the cause.
 */
export async function giveBack(dependencies: ReturnDependencies, returned: readonly ReturnedClaim[]): Promise<void> {
  const undecryptable = returned.filter((one) => one.reason === 'undecryptable');
  const refused = returned.filter((one) => one.reason === 'refused');
  const unsent = returned.filter((one) => one.reason === 'away');
  await giveBackUndecryptable(dependencies, undecryptable);
  await giveBackRefused(dependencies, refused);
  await giveBackUnsent(dependencies, unsent);
}

/** A missing key comes back with a restart; until then what cannot be decrypted must not keep out what can. */
const UNDECRYPTABLE_WAIT_MS = 3_000;

/** Release of undecryptable deliveries, whatever the reason: they are authentic, and their key may come back. */
async function giveBackUndecryptable(
  { database, logger }: ReturnDependencies,
  returned: readonly Extract<ReturnedClaim, { reason: 'undecryptable' }>[],
): Promise<void> {
  const [first] = returned;
  if (first === undefined) return;
  await release(database, claimsOf(returned), { retryMs: UNDECRYPTABLE_WAIT_MS, refused: false });
  const keyIds = [...new Set(returned.map(({ error }) => error.keyId))];
  logger.error(
    { keyIds, reason: first.error.reason, deliveryId: first.claim.id, waiting: returned.length },
    'deliveries wait: their bodies cannot be decrypted with BODY_ENCRYPTION_KEYS',
  );
}

async function giveBackRefused(
  { database, watch }: ReturnDependencies,
  returned: readonly ReturnedClaim[],
): Promise<void> {
  for (const { claim } of returned) {
    await release(database, [claim], { retryMs: refusalWaitMs(claim.refusals), refused: true });
  }
  watch?.returned(claimsOf(returned), 'refused');
}

/** At once, because the dispatcher itself pauses while Temporal is away. */
async function giveBackUnsent(
  { database, logger, watch }: ReturnDependencies,
  returned: readonly Extract<ReturnedClaim, { reason: 'away' }>[],
): Promise<void> {
  const [first] = returned;
  if (first === undefined) return;
  await release(database, claimsOf(returned), { retryMs: 0, refused: false });
  watch?.returned(claimsOf(returned), 'away');
  logger.warn({ failure: first.failure, waiting: returned.length }, 'dispatch waits: Temporal is away');
}

function claimsOf(returned: readonly ReturnedClaim[]): readonly Claim[] {
  return returned.map(({ claim }) => claim);
}
