import type { Kysely } from 'kysely';
import type { Logger } from 'pino';

import type { Decoding } from '../partners/event';
import type { Partners } from '../partners/partners';
import { type Claim, loadBodies, release, type DeliveryDecision } from '../store/deliveries/claims';
import { DecryptionError, type Encryption } from '../store/encryption';
import type { Tables } from '../store/schema/tables';
import { parked, type DecodedDelivery } from './decide';

/** What understanding deliveries needs of the world. */
export interface DecodingDependencies {
  readonly database: Kysely<Tables>;
  readonly partners: Partners;
  /** Opens the bodies. */
  readonly encryption: Encryption;
  readonly logger: Logger;
}

const EMPTY = Buffer.alloc(0);
/** The key comes back with a restart; until then what cannot be opened must not crowd out what can. */
const UNDECRYPTABLE_WAIT_MS = 3_000;

/** Deliveries by what could be made of them. */
export interface Sorted {
  readonly parked: readonly DeliveryDecision[];
  readonly decodedDeliveries: readonly DecodedDelivery[];
  readonly undecryptable: readonly Undecryptable[];
}

interface Undecryptable {
  readonly claim: Claim;
  readonly problem: DecryptionError;
}

/** A delivery of a partner that was taken out of the list is parked, as one is whose event is unknown. */
function decodingOf({ names, module }: Partners, { partner, route, id }: Claim, body: Buffer): Decoding {
  const known = module(partner);
  if (known !== undefined) return known.decoder.decode(route, body, id);
  return {
    ok: false,
    event: null,
    problem: { path: 'partner', expected: `one of ${names.join(', ')}`, found: partner },
  };
}

/** Lets each partner's folder say what its deliveries mean. */
export async function decodeClaims(dependencies: DecodingDependencies, claims: readonly Claim[]): Promise<Sorted> {
  const bodies = await loadBodies(
    dependencies.database,
    dependencies.encryption,
    claims.map(({ id }) => id),
  );
  const settlements: DeliveryDecision[] = [];
  const decodedDeliveries: DecodedDelivery[] = [];
  const undecryptable: Undecryptable[] = [];
  for (const claim of claims) {
    const body = bodies.get(claim.id) ?? EMPTY;
    if (body instanceof DecryptionError) {
      undecryptable.push({ claim, problem: body });
      continue;
    }
    const decoding = decodingOf(dependencies.partners, claim, body);
    const settlement = parked(claim, decoding);
    if (settlement !== null) settlements.push(settlement);
    else if (decoding.ok) decodedDeliveries.push({ claim, decoded: decoding.decoded });
  }
  return { parked: settlements, decodedDeliveries, undecryptable };
}

/** What cannot be opened stays pending, whatever the reason: it is authentic, and the key may come back. */
export async function releaseUndecryptable(
  dependencies: DecodingDependencies,
  undecryptable: readonly Undecryptable[],
): Promise<void> {
  const [first] = undecryptable;
  if (first === undefined) return;
  await release(
    dependencies.database,
    undecryptable.map(({ claim }) => claim),
    { retryMs: UNDECRYPTABLE_WAIT_MS, refused: false },
  );
  const keyIds = [...new Set(undecryptable.map(({ problem }) => problem.keyId))];
  dependencies.logger.error(
    { keyIds, reason: first.problem.reason, deliveryId: first.claim.id, waiting: undecryptable.length },
    'deliveries wait: their bodies cannot be opened with BODY_ENCRYPTION_KEYS',
  );
}
