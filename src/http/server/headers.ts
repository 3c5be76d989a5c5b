import type { IncomingMessage } from 'node:http';

/** Headers as names and values, in the order in which they came. */
export type HeaderPairs = readonly (readonly [name: string, value: string])[];

/** Names and values of a request's headers as they came, repeated ones apart. */
export function headerPairs({ rawHeaders }: IncomingMessage): HeaderPairs {
  const pairs: (readonly [string, string])[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    pairs.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '']);
  return pairs;
}
