import type { Kysely } from 'kysely';
import type { Logger } from 'pino';

import type { Partner } from '../domain/partner';
import type { PartnerDecoder } from '../partners/event';
import { type Claim, loadBodies, release, type Settlement } from '../store/deliveries/claims';
import { CannotOpen, type Sealing } from '../store/encryption';
import type { Tables } from '../store/schema/tables';
import { parked, type Understood } from './decide';

/** What understanding deliveries needs of the world. */
export interface UnderstandingDependencies {
  readonly database: Kysely<Tables>;
  readonly decoders: Readonly<Record<Partner, PartnerDecoder>>;
  /** Opens the bodies. */
  readonly sealing: Sealing;
  readonly logger: Logger;
}

const EMPTY = Buffer.alloc(0);
/** The key comes back with a restart; until then what cannot be opened must not crowd out what can. */
const UNOPENED_WAIT_MS = 3_000;

/** Deliveries by what could be made of them. */
export interface Sorted {
  readonly parked: readonly Settlement[];
  readonly understood: readonly Understood[];
  readonly unopened: readonly Unopened[];
}

interface Unopened {
  readonly claim: Claim;
  readonly problem: CannotOpen;
}

/** Lets each partner's folder say what its deliveries mean. */
export async function understand(dependencies: UnderstandingDependencies, claims: readonly Claim[]): Promise<Sorted> {
  const bodies = await loadBodies(
    dependencies.database,
    dependencies.sealing,
    claims.map(({ id }) => id),
  );
  const settlements: Settlement[] = [];
  const understood: Understood[] = [];
  const unopened: Unopened[] = [];
  for (const claim of claims) {
    const body = bodies.get(claim.id) ?? EMPTY;
    if (body instanceof CannotOpen) {
      unopened.push({ claim, problem: body });
      continue;
    }
    const decoding = dependencies.decoders[claim.partner].decode(claim.route, body, claim.id);
    const settlement = parked(claim, decoding);
    if (settlement !== null) settlements.push(settlement);
    else if (decoding.ok) understood.push({ claim, decoded: decoding.decoded });
  }
  return { parked: settlements, understood, unopened };
}

/** What cannot be opened stays pending, whatever the reason: it is authentic, and the key may come back. */
export async function giveBackUnopened(
  dependencies: UnderstandingDependencies,
  unopened: readonly Unopened[],
): Promise<void> {
  const [first] = unopened;
  if (first === undefined) return;
  await release(
    dependencies.database,
    unopened.map(({ claim }) => claim),
    { retryMs: UNOPENED_WAIT_MS, refused: false },
  );
  const keyIds = [...new Set(unopened.map(({ problem }) => problem.keyId))];
  dependencies.logger.error(
    { keyIds, reason: first.problem.reason, deliveryId: first.claim.id, waiting: unopened.length },
    'deliveries wait: their bodies cannot be opened with BODY_ENCRYPTION_KEYS',
  );
}
