import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { NEWEST_PATCH, type Patch, type PatchId, PATCHES, waysOf } from '../../workflows/patches';

const FILE = join('workflows', 'patches.ts');
const FOLDERS = ['workflows', join('src', 'domain')];

function filesBelow(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name));
}

const SOURCES = new Map(FOLDERS.flatMap(filesBelow).map((path) => [path, readFileSync(path, 'utf8')]));

const PATCH_IDS = Object.keys(PATCHES).filter((id): id is PatchId => id in PATCHES);

/** What is wrong with how patches are used, in sentences. */
function problemsOf(patches: Readonly<Record<string, Patch>>, sources: ReadonlyMap<string, string>): readonly string[] {
  const elsewhere = [...sources].filter(([path]) => path !== FILE);
  const direct = elsewhere.filter(([, text]) => /\b(patched|deprecatePatch)\b/.test(text));
  const used = elsewhere.flatMap(([, text]) =>
    [...text.matchAll(/\b(?:goesNewWay|wentNewWay)(?:\?\.)?\('([^']*)'\)/g)].map(([, id]) => id ?? ''),
  );
  return [
    ...direct.map(([path]) => `${path} calls the SDK's patches itself`),
    ...Object.keys(patches)
      .filter((id) => !used.includes(id))
      .map((id) => `${id} is used nowhere`),
    ...used.filter((id) => !(id in patches)).map((id) => `${id} is not in the table`),
    ...Object.entries(patches).flatMap(([id, { date, release, reason }]) => [
      ...(/^\d{4}-\d\d-\d\d$/.test(date) ? [] : [`${id} has no date`]),
      ...(/^\d+\.\d+\.\d+$/.test(release) ? [] : [`${id} names no release`]),
      ...(reason.length >= 20 ? [] : [`${id} has no reason`]),
    ]),
    ...Object.entries(patches)
      .filter(([, { number }], index, all) => index > 0 && number <= (all[index - 1]?.[1].number ?? 0))
      .map(([id]) => `${id} has the number of an earlier one`),
  ];
}

describe('patches', () => {
  it('are all in one table with date, release and reason, each is used, and nobody calls the SDK beside it', () => {
    expect(SOURCES.size).toBeGreaterThan(40);
    expect(problemsOf(PATCHES, SOURCES)).toEqual([]);
  });

  it('that are not so are named', () => {
    const unused = { number: 2, date: 'today', release: 'next', reason: 'because' };
    const patches = { unused, 'a-second': { ...unused, number: 2 } };
    const sources = new Map([
      ['workflows/a.ts', "if (patched('x')) work();"],
      ['workflows/b.ts', "if (goesNewWay('unknown')) work();"],
    ]);
    expect(problemsOf(patches, sources)).toEqual([
      "workflows/a.ts calls the SDK's patches itself",
      'unused is used nowhere',
      'a-second is used nowhere',
      'unknown is not in the table',
      'unused has no date',
      'unused names no release',
      'unused has no reason',
      'a-second has no date',
      'a-second names no release',
      'a-second has no reason',
      'a-second has the number of an earlier one',
    ]);
  });

  it('are gone the new way without a marker by a flow whose starter knew them', () => {
    const ways = waysOf({ patches: NEWEST_PATCH });
    // Outside of a workflow the SDK's own `patched` throws: none of these may ask it.
    expect(PATCH_IDS.map((id) => ways(id))).toEqual(PATCH_IDS.map(() => true));
  });

  it('that only new flows go are never gone by one that began before them, and leave no marker in it', () => {
    const ways = waysOf({});
    const onlyNew = PATCH_IDS.filter((id) => 'newFlowsOnly' in PATCHES[id]);
    expect(onlyNew).toContain('local-writes');
    expect(onlyNew.map((id) => ways(id))).toEqual(onlyNew.map(() => false));
  });
});
