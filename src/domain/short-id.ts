import sha256 from 'fast-sha256';

/** The most bytes of an id that Temporal is given: a server on PostgreSQL refuses more than 255 characters. */
const MOST_BYTES = 240;
/** The bytes of a longer id that stay, for the people who look for it. */
const KEPT_BYTES = 200;
/** The bytes of its hash that tell it from others of the same beginning. */
const HASH_BYTES = 16;

/**
 * An id as it is, or, of more than 240 bytes, its first 200 bytes (fewer, where they would end within a character or
 * its percent-encoding), `~` and 32 hex digits of the SHA-256 of the whole. No encoded id holds a `~` of its own.
 */
export function shortId(whole: string): string {
  const bytes = new TextEncoder().encode(whole);
  if (bytes.length <= MOST_BYTES) return whole;
  const digits = Array.from(sha256(bytes).subarray(0, HASH_BYTES), (byte) => byte.toString(16).padStart(2, '0'));
  return `${beginning(whole)}~${digits.join('')}`;
}

/** One character: percent-encoded as the bytes of its UTF-8, or as it is. */
const CHARACTER = /%[C-F][0-9A-F](?:%[89AB][0-9A-F])+|%[0-9A-F]{2}|[^]/gu;

function beginning(whole: string): string {
  let kept = '';
  let bytes = 0;
  for (const [character] of whole.matchAll(CHARACTER)) {
    bytes += new TextEncoder().encode(character).length;
    if (bytes > KEPT_BYTES) break;
    kept += character;
  }
  return kept;
}
