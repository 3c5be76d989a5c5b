import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { findWorkflowBundle } from '../temporal/workflow-bundle';

/**
 * Source map that names no folder: the SDK wants one in a bundle, and that of the build would name the folders of the
 * code.
 */
const NO_SOURCES = { version: 3, file: 'workflow-bundle.js', sources: [], names: [], mappings: '' };
const SOURCE_MAP = '//# sourceMappingURL=data:application/json;charset=utf-8;base64,';

/** Bundle without the places it was made from; the code itself stays unchanged, to the last character. */
export function withoutSources(bundle: string): string {
  const at = bundle.lastIndexOf('//# sourceMappingURL=data:');
  const code = at < 0 ? bundle : bundle.slice(0, at);
  return `${code}${SOURCE_MAP}${Buffer.from(JSON.stringify(NO_SOURCES)).toString('base64')}\n`;
}

function versionOf(root: string): string {
  const content: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const hasVersion = typeof content === 'object' && content !== null && 'version' in content;
  if (!hasVersion || typeof content.version !== 'string') throw new Error('package.json names no version');
  return content.version;
}

/**
 * Step of `npm run release-bundle`: the workflow code of this release under `test/releases/`, so that the deploy test
 * of the next one can run it. A released one is never overwritten: flows run that it has started.
 */
function keep(): void {
  const root = process.cwd();
  const folder = join(root, 'test', 'releases', versionOf(root));
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'workflow-bundle.js.gz');
  const bundle = withoutSources(readFileSync(findWorkflowBundle(), 'utf8'));
  try {
    writeFileSync(path, gzipSync(bundle, { level: 9 }), { flag: 'wx' });
  } catch {
    process.stderr.write(`${path} is there already: raise the version in package.json first.\n`);
    process.exitCode = 1;
  }
}

if (require.main === module) keep();
