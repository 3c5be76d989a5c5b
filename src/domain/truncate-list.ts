/** Temporal keeps 255 characters of a keyword and 400 bytes of a summary; a flow that offers more fails its task for ever. */
const LONGEST = 190;

/** The words joined, as many as fit, and how many more there are. */
export function truncateList(words: readonly string[], separator: string): string {
  const all = words.join(separator);
  if (all.length <= LONGEST) return all;
  const fitting = words.filter((_, index) => words.slice(0, index + 1).join(separator).length <= LONGEST - 20);
  const shown = fitting.length === 0 ? [all.slice(0, LONGEST - 20)] : fitting;
  return `${shown.join(separator)}${separator}${words.length - fitting.length} more`;
}
