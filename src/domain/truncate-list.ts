/**
 * The most bytes. Temporal keeps 255 characters of a keyword and 400 bytes of a summary; a flow that offers more fails its
 * task for ever. A character of an id may have four bytes.
 */
const MOST_BYTES = 190;
/** Bytes that are left for the number of words that do not fit. */
const BYTES_OF_THE_REST = 20;

/** Words joined, as many as fit, and how many more there are. */
export function truncateList(words: readonly string[], separator: string): string {
  const all = words.join(separator);
  if (bytesOf(all) <= MOST_BYTES) return all;
  const most = MOST_BYTES - BYTES_OF_THE_REST;
  const fitting = words.filter((_, index) => bytesOf(words.slice(0, index + 1).join(separator)) <= most);
  const shown = fitting.length === 0 ? [beginning(all, most)] : fitting;
  return `${shown.join(separator)}${separator}${words.length - fitting.length} more`;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Whole characters within the bytes. */
function beginning(text: string, most: number): string {
  let kept = '';
  let bytes = 0;
  for (const character of text) {
    bytes += bytesOf(character);
    if (bytes > most) break;
    kept += character;
  }
  return kept;
}
