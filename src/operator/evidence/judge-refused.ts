import type { Partner } from '../../domain/partner';
import type { Authentication } from '../../partners/authentication';
import { createBitpandaAuthenticate } from '../../partners/bitpanda/authenticate';
import { createCoinifyAuthenticate } from '../../partners/coinify/authenticate';
import { isDigested, REDACTED, redactHeaders, valueOfDigest } from '../../partners/kept-headers';
import { createTradevestAuthenticate } from '../../partners/tradevest/authenticate';
import type { HeaderPairs } from '../../store/schema/tables';
import { coversRedacted, type KeptRequest, requestOf, type Verifiers } from './checks';

/** What requests are judged by: what is configured now, and nothing that was trusted once. */
export type ConfiguredNow = Omit<Verifiers, 'keptKeys'>;

/** A refused request as it was kept: credentials as salted digests. */
export interface RefusedRequest extends KeptRequest {
  readonly partner: Partner;
  readonly body: Buffer;
}

/** Authentic after all, with the headers as a delivery keeps them; or not, and why in a word. */
export type JudgedAgain =
  | (Extract<Authentication, { ok: true }> & { readonly headers: HeaderPairs })
  | { readonly ok: false; readonly reason: string };

type Judge = (refused: RefusedRequest) => Promise<JudgedAgain>;

const TARGET = '@target-uri';

const switchedOff: Judge = () => Promise.resolve({ ok: false, reason: 'partner-not-configured' });

/**
 * Whoever was refused never showed us his header values in clear, but their digests: a value configured now that has
 * the digest was the one that was sent, and takes its place for the judgement.
 */
function tradevestJudge({ tradevestHeaders }: ConfiguredNow): Judge {
  // A map, for a stranger names the headers: an object would answer `constructor` with what it inherits.
  const accepted = new Map(
    Object.entries(tradevestHeaders).map(([name, values]) => [
      name.toLowerCase(),
      values.map((value) => Buffer.from(value, 'utf8').toString('latin1')),
    ]),
  );
  if (accepted.size === 0) return switchedOff;
  const authenticate = createTradevestAuthenticate(tradevestHeaders);
  return async (refused) => {
    const { headers } = refused;
    const isLost = headers.some(([name, value]) => value === REDACTED && accepted.has(name.toLowerCase()));
    if (isLost) return { ok: false, reason: 'credential-not-kept' };
    const shown = headers.map(([name, value]): HeaderPairs[number] => [
      name,
      valueOfDigest(value, accepted.get(name.toLowerCase()) ?? []) ?? value,
    ]);
    const judged = await authenticate(requestOf({ ...refused, headers: shown }, null));
    if (!judged.ok) return judged;
    // Also what was a credential when it was refused and is none any more: a digest is nothing to keep for ever.
    const digested = headers.flatMap(([name, value]) => (isDigested(value) ? [name.toLowerCase()] : []));
    return { ...judged, headers: redactHeaders(headers, [...accepted.keys(), ...digested]) };
  };
}

function coinifyJudge({ coinifySecrets }: ConfiguredNow): Judge {
  if (coinifySecrets.length === 0) return switchedOff;
  const authenticate = createCoinifyAuthenticate(coinifySecrets);
  return async (refused) => {
    const judged = await authenticate(requestOf(refused, null));
    return judged.ok ? { ...judged, headers: redactHeaders(refused.headers, []) } : judged;
  };
}

/** The headers with the target as it is under the public URL of now; null where that is what was kept. */
function underPublicUrl(refused: RefusedRequest, publicUrl: string | null): HeaderPairs | null {
  const { publicOrigin, url } = requestOf(refused, publicUrl);
  if (publicUrl === null || publicUrl === publicOrigin) return null;
  return [...refused.headers.filter(([name]) => name !== TARGET), [TARGET, publicUrl + url]];
}

/** As of the moment of reception. A public URL that was set wrongly refuses like a wrong key, and is set right like one. */
function bitpandaJudge({ bitpandaKeys: keys, signatureMaxAgeSeconds, publicUrl }: ConfiguredNow): Judge {
  if (keys.length === 0) return switchedOff;
  const authenticate = createBitpandaAuthenticate({ keys, maxAgeSeconds: signatureMaxAgeSeconds });
  const judge = async (refused: RefusedRequest): Promise<JudgedAgain> => {
    const judged = await authenticate(requestOf(refused, publicUrl));
    return judged.ok ? { ...judged, headers: redactHeaders(refused.headers, []) } : judged;
  };
  return async (refused) => {
    const judged = await judge(refused);
    if (judged.ok) return judged;
    const moved = underPublicUrl(refused, publicUrl);
    const again = moved === null ? judged : await judge({ ...refused, headers: moved });
    return !again.ok && coversRedacted(refused) ? { ok: false, reason: 'credential-not-kept' } : again;
  };
}

/** Judges refused requests again by the code that refused them, with what is configured now. */
export function createRefusedJudge(configured: ConfiguredNow): Judge {
  const judges = {
    tradevest: tradevestJudge(configured),
    coinify: coinifyJudge(configured),
    bitpanda: bitpandaJudge(configured),
  } satisfies Record<Partner, Judge>;
  return (refused) => judges[refused.partner](refused);
}
