import { createHash, createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto';

import { type ComponentDescriptor, type VerifiedSignature, verifySignature } from 'http-message-sig';
import { parseDictionary } from 'structured-headers';

import { type Authenticate, type Authentication, headerValues, type IncomingRequest } from '../authentication';

/** A public key of ECDSA P-256, as a JSON Web Key with the name that signatures give it. */
export interface BitpandaKey {
  readonly kid: string;
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

/** Options of verifying Bitpanda's webhooks. */
export interface BitpandaAuthenticationOptions {
  /** All that are accepted, also while one is being replaced. */
  readonly keys: readonly BitpandaKey[];
  /** Older signatures are authentic, and not acted on. */
  readonly maxAgeSeconds: number;
}

interface Known {
  readonly key: KeyObject;
  readonly fingerprint: string;
}

const ALGORITHM = 'ecdsa-p256-sha256';
const MOST_AHEAD_SECONDS = 30;
/** Each label of a known key costs a verification; nobody signs that often. */
const MOST_LABELS = 16;

function refused(reason: string): Authentication {
  return { ok: false, reason, credentialPresent: true };
}

/** By which a delivery says which key it was verified with, whatever its `kid`. */
export function bitpandaFingerprint({ x, y }: Pick<BitpandaKey, 'x' | 'y'>): string {
  return createHash('sha256').update(`${x}.${y}`).digest('hex').slice(0, 16);
}

function knownOf({ kty, crv, x, y }: BitpandaKey): Known {
  return {
    key: createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' }),
    fingerprint: bitpandaFingerprint({ x, y }),
  };
}

/** The digest of the raw body stands in the header once and is right; other algorithms beside it mean nothing. */
function digestFits(header: string, digest: Buffer): boolean {
  if ((header.match(/(?:^|,)\s*sha-256\s*(?:=|;|,|$)/g) ?? []).length !== 1) return false;
  const [given] = parseDictionary(header).get('sha-256') ?? [];
  if (!(given instanceof ArrayBuffer)) return false;
  return given.byteLength === digest.length && timingSafeEqual(Buffer.from(given), digest);
}

function covers(components: readonly ComponentDescriptor[], name: string): boolean {
  return components.some((one) => one.name === name && Object.keys(one.parameters).length === 0);
}

/** True when a signature covers host, path, body, and the query where there is one. */
function coversEnough(components: readonly ComponentDescriptor[], url: string): boolean {
  const coversTarget = covers(components, '@target-uri');
  const coversQuery = coversTarget || covers(components, '@query') || !url.includes('?');
  const coversPath = coversTarget || covers(components, '@path');
  return covers(components, '@method') && coversPath && coversQuery && covers(components, 'content-digest');
}

/** Times are whole seconds; neither from the future nor past what the signer itself allowed. */
function isOfThisTime({ created, expires }: VerifiedSignature['parameters'], nowSeconds: number): boolean {
  if (!Number.isInteger(created) || created === undefined || created > nowSeconds + MOST_AHEAD_SECONDS) return false;
  return expires === undefined || (Number.isInteger(expires) && expires >= nowSeconds);
}

/** A member of a dictionary as it is written, or nothing. */
function memberOf(dictionary: string, label: string): string {
  const members = dictionary.match(/(?:"(?:\\.|[^"\\])*"|[^,"])+/g) ?? [];
  return members.map((member) => member.trim()).findLast((member) => member.startsWith(`${label}=`)) ?? '';
}

const DICTIONARIES: readonly string[] = ['signature', 'signature-input'];

/**
 * A label's own signature and input, and the fields it covers, and no other: neither another label nor what is not
 * signed may be able to disturb the verification.
 */
function fieldsOf(request: IncomingRequest, label: string, covered: readonly string[]) {
  return request.rawHeaders
    .map(([name, value]) => ({ name: name.toLowerCase(), value }))
    .filter(({ name }) => DICTIONARIES.includes(name) || covered.includes(name))
    .map(({ name, value }) => ({ name, value: DICTIONARIES.includes(name) ? memberOf(value, label) : value }));
}

/** Verifies one label with all it covers (RFC 9421). Throws where anything about it is wrong. */
async function verifyLabel(
  request: IncomingRequest,
  label: string,
  covered: readonly string[],
  keys: ReadonlyMap<string, Known>,
): Promise<{ readonly verified: VerifiedSignature; readonly known: Known }> {
  const nowSeconds = Math.floor(request.receivedAtMs / 1000);
  let known: Known | undefined;
  const verified = await verifySignature(
    {
      kind: 'request',
      method: request.method,
      targetUri: request.publicOrigin + request.url,
      requestTarget: request.url,
      fields: fieldsOf(request, label, covered),
    },
    {
      label,
      policy: {
        algorithms: [ALGORITHM],
        requiredComponents: ['@method', 'content-digest'],
        requiredParameters: ['created', 'keyid'],
        clockSkew: MOST_AHEAD_SECONDS + 1,
        now: nowSeconds,
      },
      resolveVerifier: ({ parameters }) => {
        const found = keys.get(parameters.keyid ?? '');
        if (found === undefined) throw new Error('unknown key');
        known = found;
        return {
          algorithm: ALGORITHM,
          verify: (data, signature) => verify('sha256', data, { key: found.key, dsaEncoding: 'ieee-p1363' }, signature),
        };
      },
    },
  );
  if (known === undefined) throw new Error('no key was asked for');
  return { verified, known };
}

async function judgeLabel(
  request: IncomingRequest,
  label: string,
  covered: readonly string[],
  { keys, maxAgeSeconds }: { readonly keys: ReadonlyMap<string, Known>; readonly maxAgeSeconds: number },
): Promise<Authentication> {
  const { verified, known } = await verifyLabel(request, label, covered, keys);
  const { components, parameters } = verified;
  const nowSeconds = request.receivedAtMs / 1000;
  if (!coversEnough(components, request.url)) return refused('signature-covers-too-little');
  if (parameters.alg !== undefined && parameters.alg !== ALGORITHM) return refused('algorithm-unknown');
  if (!isOfThisTime(parameters, nowSeconds)) return refused('signature-time');
  const isOld = nowSeconds - (parameters.created ?? 0) > maxAgeSeconds;
  return { ok: true, verdict: isOld ? 'signature-too-old' : 'authentic', fingerprint: known.fingerprint };
}

/** True when a label's times are whole seconds, as the RFC requires: parsed, 1.0 is the same as 1. */
function writesWholeSeconds(member: string): boolean {
  return !/;\s*(?:created|expires)=-?\d*\./.test(member.replace(/"(?:\\.|[^"\\])*"/g, '""'));
}

/**
 * The labels of `Signature-Input` with the names of what each covers. What is no list of names, or writes its times
 * wrongly, is passed over: another label may still be right. Throws on what is no dictionary.
 */
function labelsOf(signatureInput: string): readonly (readonly [label: string, covered: readonly string[]])[] {
  const members = [...parseDictionary(signatureInput)].slice(0, MOST_LABELS);
  return members.flatMap(([label, [list]]) => {
    if (!Array.isArray(list) || !writesWholeSeconds(memberOf(signatureInput, label))) return [];
    // A name that is no string names nothing: its label then lacks what it must cover.
    return [[label, list.map(([name]) => (typeof name === 'string' ? name.toLowerCase() : ''))] as const];
  });
}

const HEADERS = ['signature', 'signature-input', 'content-digest'] as const;

/** Judges all labels; one that meets every rule by itself is enough, and one that is young counts before one too old. */
async function judge(
  request: IncomingRequest,
  signatureInput: string,
  options: { readonly keys: ReadonlyMap<string, Known>; readonly maxAgeSeconds: number },
): Promise<Authentication> {
  let best: Authentication = refused('signature-wrong');
  for (const [label, covered] of labelsOf(signatureInput)) {
    const judged = await judgeLabel(request, label, covered, options).catch(() => refused('signature-wrong'));
    if (judged.ok && judged.verdict === 'authentic') return judged;
    if (judged.ok || !best.ok) best = judged;
  }
  return best;
}

/**
 * Bitpanda signs requests by RFC 9421 with ECDSA P-256 (vendors.md §3.1); which components it covers is not public, so
 * that the least that protects us is required. Never throws: garbage in a header is a refusal.
 */
export function createBitpandaAuthenticate(options: BitpandaAuthenticationOptions): Authenticate {
  const verify = createBitpandaVerification(options);
  return (request) => verify(request, createHash('sha256').update(request.body).digest());
}

/** Judges a request by the hash of its body alone, as of the moment it was received: so it can be once the body is gone. */
export function createBitpandaVerification(
  options: BitpandaAuthenticationOptions,
): (request: IncomingRequest, bodySha256: Buffer) => Promise<Authentication> {
  const keys = new Map(options.keys.map((key) => [key.kid, knownOf(key)]));
  return async (request, bodySha256) => {
    const [signature, signatureInput, digest] = HEADERS.map((name) => headerValues(request, name));
    if (signature?.[0] === undefined) return { ok: false, reason: 'signature-missing', credentialPresent: false };
    if ([signature, signatureInput, digest].some((values) => (values?.length ?? 0) > 1))
      return refused('header-repeated');
    try {
      if (!digestFits(digest?.[0] ?? '', bodySha256)) return refused('content-digest');
      return await judge(request, signatureInput?.[0] ?? '', { keys, maxAgeSeconds: options.maxAgeSeconds });
    } catch {
      return refused('signature-malformed');
    }
  };
}
