import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { PARTNERS } from '../../src/partners';
import { bundleWorkflows } from '../../src/tools/bundle-workflows';

const ROOT = join(__dirname, '..', '..');

/** One text of the workflow code in place of another. */
export interface Edit {
  readonly path: string;
  readonly from: string | RegExp;
  readonly to: string;
}

/** A bundle of a copy of the workflow code. */
export interface ChangedBundle {
  readonly path: string;
  remove(): void;
}

function apply(copy: string, { path, from, to }: Edit): void {
  const file = join(copy, path);
  const before = readFileSync(file, 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`nothing to replace in ${path}: the code has changed, the edit has not`);
  writeFileSync(file, after);
}

/** Bundles a copy of the present workflow code in which some texts were replaced. */
export async function bundleWith(...edits: readonly Edit[]): Promise<ChangedBundle> {
  // Inside the project, so that packages are found; not below node_modules, where the bundler compiles nothing.
  mkdirSync(join(ROOT, '.partnerflow'), { recursive: true });
  const copy = mkdtempSync(join(ROOT, '.partnerflow', 'replay-'));
  const remove = (): void => rmSync(copy, { recursive: true, force: true });
  try {
    cpSync(join(ROOT, 'workflows'), join(copy, 'workflows'), { recursive: true });
    for (const room of ['domain', 'partners'])
      cpSync(join(ROOT, 'src', room), join(copy, 'src', room), { recursive: true });
    for (const edit of edits) apply(copy, edit);
    const partnerFolders = PARTNERS.names.map((name) => join(copy, 'src', 'partners', name));
    const code = await bundleWorkflows({
      root: copy,
      partnerFolders,
      entryPath: join(copy, 'entry.js'),
      untraced: true,
    });
    const path = join(copy, 'bundle.js');
    writeFileSync(path, code);
    return { path, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

const READ = "  if (step.kind === 'read') return refresh(flow, step.purpose);\n";
const WRITE = '  if (hasUnwritten(state)) return writeRow(flow);\n';

/** What is unwritten is written by an activity of its own before a read: every flow that reads goes another way then. */
export const WRITES_BEFORE_READING: Edit = {
  path: join('workflows', 'interpreter.ts'),
  from: READ + WRITE,
  to: WRITE + READ,
};
