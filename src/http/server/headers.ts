import type { IncomingMessage } from 'node:http';

/** Names and values of headers, repeated ones apart. */
export type HeaderPairs = readonly (readonly [name: string, value: string])[];

/** Names and values as they came, repeated ones apart. */
export function headerPairs({ rawHeaders }: IncomingMessage): HeaderPairs {
  const pairs: (readonly [string, string])[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    pairs.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '']);
  return pairs;
}
