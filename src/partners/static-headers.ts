import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import { type Authenticate, headerValues } from './authentication';

/** Comparing keyed digests takes the same time whatever the values and their lengths are. */
const comparisonKey = randomBytes(32);

function digest(value: string): Buffer {
  return createHmac('sha256', comparisonKey).update(value, 'latin1').digest();
}

/** Every accepted value is compared, also after one matched: the time taken tells nothing. */
function matching(
  given: string,
  accepted: readonly { readonly value: string; readonly digest: Buffer }[],
): string | null {
  const presented = digest(given);
  let match: string | null = null;
  for (const candidate of accepted) if (timingSafeEqual(presented, candidate.digest)) match ??= candidate.value;
  return match;
}

function fingerprintOf(values: readonly (string | null)[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 16);
}

/** Each header may be accepted with each of its values; nobody configures more than a few. */
const MOST_COMBINATIONS = 10_000;

/** The fingerprints of all that is accepted, by which a delivery says which generation of the secret was used. */
export function staticHeaderFingerprints(headers: Readonly<Record<string, readonly string[]>>): ReadonlySet<string> {
  let combinations: readonly (readonly string[])[] = [[]];
  for (const values of Object.values(headers)) {
    const latin = values.map((value) => Buffer.from(value, 'utf8').toString('latin1'));
    combinations = combinations.flatMap((one) => latin.map((value) => [...one, value])).slice(0, MOST_COMBINATIONS);
  }
  return new Set(combinations.map(fingerprintOf));
}

/**
 * Authentication by static headers, whose values we chose. All of them must be there, once each,
 * with one of the accepted values. The fingerprint tells later which generation of the secret was used.
 */
export function createStaticHeaderAuthenticate(headers: Readonly<Record<string, readonly string[]>>): Authenticate {
  const rules = Object.entries(headers).map(([name, values]) => ({
    name: name.toLowerCase(),
    accepted: values.map((value) => ({
      value: Buffer.from(value, 'utf8').toString('latin1'),
      digest: digest(Buffer.from(value, 'utf8').toString('latin1')),
    })),
  }));
  return (request) => {
    const given = rules.map(({ name, accepted }) => ({ values: headerValues(request, name), accepted }));
    const credentialPresent = given.some(({ values }) => values.length > 0);
    if (given.some(({ values }) => values.length > 1))
      return { ok: false, reason: 'header-repeated', credentialPresent };
    const matches = given.map(({ values, accepted }) => matching(values[0] ?? '', accepted));
    if (given.some(({ values }) => values.length === 0))
      return { ok: false, reason: 'header-missing', credentialPresent };
    if (matches.includes(null)) return { ok: false, reason: 'header-wrong', credentialPresent };
    return { ok: true, verdict: 'authentic', fingerprint: fingerprintOf(matches) };
  };
}
