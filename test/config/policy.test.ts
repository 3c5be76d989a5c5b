import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { lifecycleTables } from '../support/partners';
import { createPolicies, DEFAULT_POLICY_SETTINGS, durationsOf } from '../../src/config/policy';
import { type PolicyFileFault, readPolicySettings } from '../../src/config/policy-file';
import { policySchemaText } from '../../src/config/policy-schema';

const folder = mkdtempSync(join(tmpdir(), 'partnerflow-policy-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(content: unknown): string {
  const path = join(folder, 'policy.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

function faultOf(content: unknown): string {
  const faults: PolicyFileFault[] = [];
  const settings = readPolicySettings(fileOf(content), lifecycleTables, (fault) => void faults.push(fault));
  expect(settings).toBe(DEFAULT_POLICY_SETTINGS);
  return faults.map(({ expected, found }) => `${expected}, found ${found}`).join('\n');
}

test('the JSON schema in the repository is the one of the code (npm run policy-schema)', () => {
  expect(readFileSync(join('docs', 'policy.schema.json'), 'utf8')).toBe(policySchemaText(lifecycleTables));
});

test.each([
  ['an empty ladder', { ladder: [] }, 'ladder'],
  ['a duration that is none', { thenEvery: 'soon' }, 'thenEvery'],
  ['half a business day', { due: { 'tradevest:order': { PLACED: { businessDays: 0.5 } } } }, 'businessDays'],
  ['no business days', { due: { 'tradevest:order': { PLACED: { businessDays: 0 } } } }, 'businessDays'],
  ['a holiday that is no day', { holidays: ['Christmas'] }, 'holidays.0'],
  ['a holiday that does not exist', { holidays: ['2026-02-30'] }, 'holidays.0'],
  ['a calendar that nobody knows', { calendar: { tradevest: 'TARGT' } }, 'TARGT'],
  ['a calendar of a partner that nobody knows', { calendar: { tradevst: 'TARGET' } }, 'tradevst'],
  ['another TARGET', { calendars: { TARGET: [] } }, 'TARGET'],
  ['a rule of a calendar that is none', { calendars: { NYSE: ['thanksgiving'] } }, 'calendars.NYSE.0'],
  ['a time zone that does not exist', { timeZone: { bitpanda: 'Europe/Wien' } }, 'timeZone.bitpanda'],
  ['an unknown subject', { due: { 'tradevest:ordre': {} } }, 'due.tradevest:ordre'],
  ['an unknown state', { due: { 'tradevest:order': { PLCED: 'PT1H' } } }, 'due.tradevest:order.PLCED'],
  ['an unknown setting', { laddder: [] }, 'laddder'],
])('%s is named with its place', (_what, content, place) => {
  expect(faultOf(content)).toContain(place);
});

test('calendars and zones of the file stand beside those that are built in', () => {
  const content = { calendars: { NYSE: ['2026-11-26', '07-04'] }, calendar: { 'tradevest:order': 'NYSE' } };
  const settings = readPolicySettings(fileOf(content), lifecycleTables, () => undefined);
  expect(settings).toMatchObject({ ...content, timeZone: {} });
});

test('the scale reaches every duration that the file can hold', () => {
  const one = createPolicies(DEFAULT_POLICY_SETTINGS, 1);
  const tenth = createPolicies(DEFAULT_POLICY_SETTINGS, 0.1);
  expect(tenth.alertWindowMs).toBe(one.alertWindowMs / 10);
  expect(tenth.sweeps.everyMs).toBe(one.sweeps.everyMs / 10);
  for (const table of lifecycleTables) {
    const [whole, scaled] = [one.policyOf(table), tenth.policyOf(table)];
    expect(scaled.thenEveryMs).toBe(whole.thenEveryMs / 10);
    for (const name of Object.keys(durationsOf(table))) {
      const [due, less] = [whole.dueByState[name], scaled.dueByState[name]];
      if (due !== undefined && 'ms' in due) expect(less).toEqual({ ms: due.ms / 10 });
      else expect(scaled.scale).toBe(0.1);
    }
  }
});
