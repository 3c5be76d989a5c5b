import type { Kysely, Transaction } from 'kysely';

import { type Acceptance, acceptanceFor } from '../domain/authenticity';
import { errorCode } from '../domain/error-code';
import type { LocalClocks } from '../domain/lifecycles/local-calendar';
import type { Policies } from '../domain/lifecycles/rules';
import type { Problem } from '../domain/problem';
import type { Decoded, Decoding as ContentDecoding } from '../partners/event';
import type { Partners } from '../partners/partners';
import type { Claim, DueDelivery } from '../store/deliveries/due';
import { loadBodies } from '../store/deliveries/claims';
import { DecryptionError, type Encryption } from '../store/encryption';
import type { Tables } from '../store/schema/tables';

/** The content of a delivery, or the reason why there is none to decide on. */
export type Decoding =
  | { readonly kind: 'decoded'; readonly decoded: Decoded }
  | { readonly kind: 'undecodable'; readonly event: string | null; readonly problem: Problem }
  | { readonly kind: 'undecryptable'; readonly error: DecryptionError }
  /** A mistake of ours: its decoder threw. */
  | { readonly kind: 'failed'; readonly failure: string };

/** A claimed delivery with its content, or with the reason why there is none to decide on. */
export type DecodedDelivery = { readonly claim: Claim } & Decoding;

const EMPTY = Buffer.alloc(0);

/** Decodings of deliveries by their partners' decoders, by id. One that fails keeps none of the others out. */
export async function decodeAll(
  dependencies: {
    readonly database: Kysely<Tables> | Transaction<Tables>;
    readonly partners: Partners;
    readonly encryption: Encryption;
    readonly policies: Pick<Policies, 'localClockOf'>;
  },
  deliveries: readonly DueDelivery[],
): Promise<ReadonlyMap<string, Decoding>> {
  const { database, partners, encryption, policies } = dependencies;
  const ids = deliveries.map(({ id }) => id);
  const bodies = await loadBodies(database, encryption, ids);
  return new Map(
    deliveries.map((delivery) => {
      const body = bodies.get(delivery.id) ?? EMPTY;
      if (body instanceof DecryptionError) return [delivery.id, { kind: 'undecryptable', error: body }];
      return [delivery.id, decode(partners, delivery, body, policies.localClockOf)];
    }),
  );
}

function decode(partners: Partners, delivery: DueDelivery, body: Buffer, clocks?: LocalClocks): Decoding {
  try {
    return decodingOf(delivery, contentOf(partners, delivery, body, clocks));
  } catch (error) {
    return { kind: 'failed', failure: errorCode(error) };
  }
}

/** The meaning of a body. A delivery of a partner that was taken out of the list is parked, as one of an unknown event is. */
function contentOf(
  partners: Partners,
  { partner, route, id }: DueDelivery,
  body: Buffer,
  clocks?: LocalClocks,
): ContentDecoding {
  const known = partners.module(partner);
  if (known !== undefined) return known.decoder.decode(route, body, id, clocks);
  const problem = { path: 'partner', expected: `one of ${partners.names.join(', ')}`, found: partner };
  return { ok: false, event: null, problem };
}

const ACCEPTABLE: Readonly<Record<Acceptance, string>> = {
  'too-old': 'a signature no older than the maximum age, or `retry --accept-old`',
  observed: 'a signature that is right, or `retry --accept` by somebody who looked',
};

/** The decoding of a delivery. One that is not to be believed is undecodable, whatever its body holds. */
export function decodingOf(
  { verdict, isAccepted }: Pick<DueDelivery, 'verdict' | 'isAccepted'>,
  content: ContentDecoding,
): Decoding {
  const needed = isAccepted ? null : acceptanceFor(verdict);
  if (needed !== null) {
    const event = content.ok ? content.decoded.event : content.event;
    return { kind: 'undecodable', event, problem: { path: 'signature', expected: ACCEPTABLE[needed], found: verdict } };
  }
  if (content.ok) return { kind: 'decoded', decoded: content.decoded };
  return { kind: 'undecodable', event: content.event, problem: content.problem };
}
