import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PARTNERS = readdirSync(join('src', 'partners'), { withFileTypes: true }).filter((one) => one.isDirectory());

/** The files in which variables are read. */
export const VARIABLE_SOURCES: readonly string[] = [
  ...readdirSync(join('src', 'config')).map((name) => join('src', 'config', name)),
  ...PARTNERS.map(({ name }) => join('src', 'partners', name, 'variables.ts')),
];

/** Variables that the SDK itself reads. */
const OF_THE_SDK = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_API_KEY', 'TEMPORAL_TLS_*'];

/** Variables that processes of ours read, by the code that reads them. */
export function knownVariables(): ReadonlySet<string> {
  const code = VARIABLE_SOURCES.map((path) => readFileSync(path, 'utf8')).join('\n');
  const read = Array.from(code.matchAll(/'([A-Z]+(?:_[A-Z]+)*_[A-Z]+)'/g), ([, name]) => name ?? '');
  return new Set([...read, ...OF_THE_SDK]);
}
