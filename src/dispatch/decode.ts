import type { Kysely } from 'kysely';

import type { Problem } from '../domain/problem';
import type { Decoded, Decoding } from '../partners/event';
import type { Partners } from '../partners/partners';
import { type Claim, loadBodies } from '../store/deliveries/claims';
import { DecryptionError, type Encryption } from '../store/encryption';
import type { Tables } from '../store/schema/tables';

/** A claimed delivery with its content, or with the reason why there is none to decide on. */
export type DecodedDelivery = { readonly claim: Claim } & (
  | { readonly kind: 'decoded'; readonly decoded: Decoded }
  | { readonly kind: 'undecodable'; readonly event: string | null; readonly problem: Problem }
  | { readonly kind: 'undecryptable'; readonly error: DecryptionError }
);

const EMPTY = Buffer.alloc(0);

/** Deliveries decoded by their partners' decoders, in the order of their claims. */
export async function decodeClaims(
  dependencies: {
    readonly database: Kysely<Tables>;
    readonly partners: Partners;
    readonly encryption: Encryption;
  },
  claims: readonly Claim[],
): Promise<readonly DecodedDelivery[]> {
  const { database, partners, encryption } = dependencies;
  const ids = claims.map(({ id }) => id);
  const bodies = await loadBodies(database, encryption, ids);
  return claims.map((claim) => {
    const body = bodies.get(claim.id) ?? EMPTY;
    if (body instanceof DecryptionError) return { claim, kind: 'undecryptable', error: body };
    return decodedDelivery(claim, decodingOf(partners, claim, body));
  });
}

/** The meaning of a body. A delivery of a partner that was taken out of the list is parked, as one of an unknown event is. */
function decodingOf(partners: Partners, { partner, route, id }: Claim, body: Buffer): Decoding {
  const known = partners.module(partner);
  if (known !== undefined) return known.decoder.decode(route, body, id);
  const problem = { path: 'partner', expected: `one of ${partners.names.join(', ')}`, found: partner };
  return { ok: false, event: null, problem };
}

/** A delivery with what its body decodes to. One that is not to be believed is undecodable, whatever its body holds. */
export function decodedDelivery(claim: Claim, decoding: Decoding): DecodedDelivery {
  if (claim.verdict !== 'authentic') {
    const event = decoding.ok ? decoding.decoded.event : decoding.event;
    const problem = { path: 'signature', expected: 'a signature no older than the maximum age', found: claim.verdict };
    return { claim, kind: 'undecodable', event, problem };
  }
  if (decoding.ok) return { claim, kind: 'decoded', decoded: decoding.decoded };
  return { claim, kind: 'undecodable', event: decoding.event, problem: decoding.problem };
}
