import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';

import { type BesideOptions, compare, type Comparison, type Measure } from './beside';
import { endChild, nextNumber, startChild } from './child';

const UNITS = 'processor milliseconds of all processes for one life: three webhooks, one agreeing read';

/**
 * Processor time of one life, half of them orders of Tradevest and half trades of Coinify, beside another checkout's:
 * Temporal, PostgreSQL, receiver and worker together. Each side has servers of its own, and rests while the other one is
 * measured.
 */
export async function lifeBeside(options: BesideOptions): Promise<Comparison> {
  const children: ChildProcess[] = [];
  const open = async (checkout: string): Promise<Measure> => {
    const child = startChild(join(__dirname, 'life-side.js'), [join(checkout, 'dist', 'src', 'cli.js')], {});
    children.push(child);
    await nextNumber(child, 'measured');
    return () => {
      child.send('measure');
      return nextNumber(child, 'measured');
    };
  };
  try {
    const sides = { ours: await open(join(__dirname, '..', '..')), theirs: await open(options.folder) };
    return await compare({ name: 'life', units: UNITS }, sides, options);
  } finally {
    await Promise.all(children.map(endChild));
  }
}
