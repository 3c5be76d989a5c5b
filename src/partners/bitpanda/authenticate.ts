import { createHash, createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto';

import { type InnerList, isInnerList, parseDictionary } from 'structured-headers';

import { type Authenticate, type Authentication, headerValues, type IncomingRequest } from '../authentication';
import { type Component, componentsOf, signatureBase } from './signature-base';
import { targetUris } from './target-uris';

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

/** A member of `Signature-Input` that can be judged. */
interface Label {
  readonly signature: Buffer;
  readonly input: InnerList;
  readonly components: readonly Component[];
}

function covers(components: readonly Component[], name: string): boolean {
  return components.some((one) => one.name === name && one.parameters.size === 0);
}

/** True when a signature covers host, path, body, and the query where there is one. */
function coversEnough(components: readonly Component[], url: string): boolean {
  const coversTarget = covers(components, '@target-uri');
  const coversQuery = coversTarget || covers(components, '@query') || !url.includes('?');
  const coversPath = coversTarget || covers(components, '@path');
  return covers(components, '@method') && coversPath && coversQuery && covers(components, 'content-digest');
}

function isWholeNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value);
}

/** Times are whole seconds; neither from the future nor past what the signer itself allowed. */
function isOfThisTime([, parameters]: InnerList, nowSeconds: number): boolean {
  const [created, expires] = [parameters.get('created'), parameters.get('expires')];
  if (!isWholeNumber(created) || created > nowSeconds + MOST_AHEAD_SECONDS) return false;
  return expires === undefined || (isWholeNumber(expires) && expires >= nowSeconds);
}

/** The key whose signature it is, and the target URI that fits: the first of those we may be called by. */
function verifyLabel(
  request: IncomingRequest,
  { signature, input }: Label,
  keys: ReadonlyMap<string, Known>,
): { readonly known: Known; readonly targetUri: string } | null {
  const keyId = input[1].get('keyid');
  const known = typeof keyId === 'string' ? keys.get(keyId) : undefined;
  if (known === undefined) return null;
  const key = { key: known.key, dsaEncoding: 'ieee-p1363' } as const;
  const tried = new Set<string>();
  for (const targetUri of targetUris(request)) {
    const base = signatureBase(request, targetUri, input);
    // Where the host is not covered all spellings of it are signed alike, and a verification costs.
    if (!tried.has(base) && verify('sha256', Buffer.from(base), key, signature)) return { known, targetUri };
    tried.add(base);
  }
  return null;
}

function judgeLabel(request: IncomingRequest, label: Label, { keys, maxAgeSeconds }: Judging): Authentication {
  const verified = verifyLabel(request, label, keys);
  if (verified === null) return refused('signature-wrong');
  const { input, components } = label;
  const nowSeconds = request.receivedAtMs / 1000;
  const [, parameters] = input;
  if (!coversEnough(components, request.url)) return refused('signature-covers-too-little');
  if (parameters.has('alg') && parameters.get('alg') !== ALGORITHM) return refused('algorithm-unknown');
  if (!isOfThisTime(input, nowSeconds)) return refused('signature-time');
  const isOld = nowSeconds - Number(parameters.get('created')) > maxAgeSeconds;
  const verdict = isOld ? 'signature-too-old' : 'authentic';
  return { ok: true, verdict, fingerprint: verified.known.fingerprint, targetUri: verified.targetUri };
}

/** Written out without its strings: parsed, 1.0 is the same as 1, which the RFC does not allow for a time. */
const BROKEN_SECONDS = /;\s*(?:created|expires)=-?\d*\./;

/** The members of a dictionary as they are written. */
function membersOf(dictionary: string): readonly string[] {
  return (dictionary.match(/(?:"(?:\\.|[^"\\])*"|[^,"])+/g) ?? []).map((member) => member.trim());
}

function writesWholeSeconds(signatureInput: string, label: string): boolean {
  const member = membersOf(signatureInput).findLast((one) => one.startsWith(`${label}=`)) ?? '';
  return !BROKEN_SECONDS.test(member.replace(/"(?:\\.|[^"\\])*"/g, '""'));
}

/**
 * The labels that can be judged. What is no list of components, writes its times wrongly or has no signature is passed
 * over: another label may still be right. Throws on what is no dictionary.
 */
function labelsOf(signature: string, signatureInput: string): readonly Label[] {
  const signatures = parseDictionary(signature);
  return [...parseDictionary(signatureInput)].slice(0, MOST_LABELS).flatMap(([label, input]) => {
    const [bytes] = signatures.get(label) ?? [];
    if (!isInnerList(input) || !(bytes instanceof ArrayBuffer)) return [];
    if (!writesWholeSeconds(signatureInput, label)) return [];
    const components = componentsIn(input);
    return components === null ? [] : [{ signature: Buffer.from(bytes), input, components }];
  });
}

function componentsIn(input: InnerList): readonly Component[] | null {
  try {
    return componentsOf(input);
  } catch {
    return null;
  }
}

function judgedLabel(request: IncomingRequest, label: Label, options: Judging): Authentication {
  try {
    return judgeLabel(request, label, options);
  } catch {
    return refused('signature-wrong');
  }
}

interface Judging {
  readonly keys: ReadonlyMap<string, Known>;
  readonly maxAgeSeconds: number;
}

/** Judges all labels; one that meets every rule by itself is enough, and one that is young counts before one too old. */
function judge(request: IncomingRequest, labels: readonly Label[], options: Judging): Authentication {
  let best: Authentication = refused('signature-wrong');
  for (const label of labels) {
    const judged = judgedLabel(request, label, options);
    if (judged.ok && judged.verdict === 'authentic') return judged;
    if (judged.ok || !best.ok) best = judged;
  }
  return best;
}

const HEADERS = ['signature', 'signature-input', 'content-digest'] as const;

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
): (request: IncomingRequest, bodySha256: Buffer) => Authentication {
  const keys = new Map(options.keys.map((key) => [key.kid, knownOf(key)]));
  return (request, bodySha256) => {
    if (headerValues(request, 'signature').length === 0)
      return { ok: false, reason: 'signature-missing', credentialPresent: false };
    try {
      // Structured fields: on several lines each is one value all the same (RFC 9110 §5.3).
      const [signature = '', signatureInput = '', digest = ''] = HEADERS.map((name) =>
        headerValues(request, name).join(', '),
      );
      if (!digestFits(digest, bodySha256)) return refused('content-digest');
      return judge(request, labelsOf(signature, signatureInput), { keys, maxAgeSeconds: options.maxAgeSeconds });
    } catch {
      return refused('signature-malformed');
    }
  };
}
