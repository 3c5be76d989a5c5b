import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** A file made from compiled modules, and how it is made. */
export interface IncrementalBundle {
  /** Path of the bundle; a stamp lies beside it. */
  readonly path: string;
  /** Modules from which everything that goes into the bundle is required, and those that make it, in their order. */
  readonly entries: readonly string[];
  /** The list npm keeps of the packages it has installed; where it is missing the bundle is made each time. */
  readonly packagesPath: string;
  readonly make: () => Promise<string>;
}

const REQUIRE = /\brequire\(["'](\.{0,2}\/[^"']+)["']\)/g;

/** Paths of the given compiled modules and of all that they require, packages left out. Throws where one is missing. */
export function modulesBehind(entries: readonly string[]): readonly string[] {
  const found = new Set(entries);
  // A set that grows while it is walked is walked to its end.
  for (const path of found)
    for (const [, name = ''] of readFileSync(path, 'utf8').matchAll(REQUIRE))
      found.add(createRequire(path).resolve(name));
  return [...found];
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * Brings the bundle up to date, and answers whether it had to be made. Contents are compared, never times: a worker with
 * yesterday's workflows would stop flows, so the bundle is kept only if nothing it is made of has changed, nor the
 * bundle itself.
 */
export async function bringUpToDate({
  path,
  entries,
  packagesPath,
  make,
}: IncrementalBundle): Promise<'made' | 'kept'> {
  const stampPath = `${path}.stamp`;
  const inputs = [packagesPath, ...modulesBehind(entries)].filter((input) => existsSync(input));
  const fingerprint = sha256(inputs.map((input) => `${input} ${sha256(readFileSync(input, 'utf8'))}`).join('\n'));
  const stampOf = (code: string): string => `${fingerprint} ${sha256(code)}`;
  const isComplete = [packagesPath, path, stampPath].every((one) => existsSync(one));
  if (isComplete && readFileSync(stampPath, 'utf8') === stampOf(readFileSync(path, 'utf8'))) return 'kept';
  rmSync(stampPath, { force: true });
  const code = await make();
  writeFileSync(path, code);
  writeFileSync(stampPath, stampOf(code));
  return 'made';
}
