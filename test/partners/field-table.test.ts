import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { fieldRows, fieldTables, parkingTable, withFields } from '../../src/tools/field-table';
import { KNOWN_PARTNERS, MODULES } from '../support/partners';
import { EVERY_FIXTURE } from '../webhooks/fixture-table';
import { webhookOf } from '../webhooks/fixture-webhook';

const ROOT = join(__dirname, '..', '..');

const ROWS = {
  tradevest: fieldRows(MODULES.tradevest),
  coinify: fieldRows(MODULES.coinify),
  bitpanda: fieldRows(MODULES.bitpanda),
};

/** Paths of all values in a body, with `[]` after a list. */
function pathsIn(value: unknown, path: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one: unknown) => pathsIn(one, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, one]) => pathsIn(one, path === '' ? key : `${path}.${key}`));
}

test('docs/fields.md is what the codecs say', () => {
  const page = readFileSync(join(ROOT, 'docs', 'fields.md'), 'utf8');
  expect(withFields(page, fieldTables())).toBe(page);
});

test.each(KNOWN_PARTNERS)('the MAPPING.md of %s lists the fields that may park', (partner) => {
  const page = readFileSync(join(ROOT, 'src', 'partners', partner, 'MAPPING.md'), 'utf8');
  expect(withFields(page, parkingTable(MODULES[partner]))).toBe(page);
});

test.each(EVERY_FIXTURE)('each field that $partner prints in $file has a row', (fixture) => {
  const rows = ROWS[fixture.partner].filter(({ events }) => events.includes(fixture.event));
  const isSaid = (path: string): boolean =>
    rows.some((row) => row.path === path || path.startsWith(`${row.path}.`) || row.path.startsWith(`${path}.`));
  const body: unknown = JSON.parse(webhookOf(fixture, 'http://receiver').body);
  expect(pathsIn(body, '').filter((path) => !isSaid(path))).toEqual([]);
});

test.each(KNOWN_PARTNERS)('each field of %s is kept somewhere, or it is said why not', (partner) => {
  expect(ROWS[partner].filter(({ kept, unkeptBecause }) => (kept.length === 0) !== (unkeptBecause !== null))).toEqual(
    [],
  );
});

test.each(KNOWN_PARTNERS)('of the fields of %s few may park, and each of them is kept', (partner) => {
  const parking = ROWS[partner].filter(({ unreadable }) => unreadable.startsWith('parks'));
  expect(parking.filter(({ kept }) => kept.length === 0)).toEqual([]);
});
