import type { BodyField } from '../codecs/body-fields';
import type { LifecycleTable } from '../domain/lifecycles/table';
import { declaredPath } from '../domain/problem';
import type { Decoded, PartnerEvent } from '../partners/event';

/**
 * Places of an event's decoded meaning in which a field is found: those that change when it alone changes. They are
 * found in bodies that are made of the codecs themselves, so that no hand has to say, and none can say wrongly, where a
 * field goes.
 */
export function placesOf(event: PartnerEvent, path: string, tables: readonly LifecycleTable[]): readonly string[] {
  const samples = samplesOf(event, tables);
  const whole = traced(event, samples, path);
  if (whole.length > 0) return whole;
  // It may count only where another field, which says the same, is not there.
  for (const { path: other } of event.fields) {
    if (other === path || path.startsWith(other)) continue;
    const without = traced(event, new Map([...samples].filter(([one]) => one !== other)), path);
    if (without.length > 0) return without;
  }
  return [];
}

/** Two values for each field that is read; the second is the first where the field knows but one. */
type Samples = ReadonlyMap<string, readonly [unknown, unknown]>;

const VALUES: readonly unknown[] = [
  '1ee00000-0000-6000-8000-000000000001',
  '1ee00000-0000-6000-8000-000000000002',
  '7',
  '8',
  '2026-03-01T09:00:00Z',
  '2026-04-02T10:00:00Z',
  '1700000000',
  '1700000001',
  true,
  false,
  {},
  { id: 7 },
];

/** Words that codecs know beside the states of the tables. */
const WORDS = ['incoming', 'outgoing', 'monthly', 'weekly', 'finished', 'not_confirmed', 'verification'];

/** Values of fields whose words mean something of their own, by the end of their path. */
const NAMED: readonly (readonly [string, readonly string[]])[] = [
  ['type_defined_for', ['asset', 'fiat']],
  ['domain_slug', ['b2b2c', 'b2b2c_qa']],
];

function samplesOf({ event, object, fields }: PartnerEvent, tables: readonly LifecycleTable[]): Samples {
  const states = tables.filter((table) => table.object === object).flatMap((table) => Object.keys(table.states));
  const own = (path: string): readonly unknown[] => {
    if (path === 'event') return [event];
    const named = NAMED.find(([end]) => path.endsWith(end))?.[1];
    return named ?? [...VALUES, ...WORDS, ...states];
  };
  return new Map(
    fields.flatMap((field) => {
      const [first, second = first] = own(field.path).filter(field.admits);
      return isRead(field) && first !== undefined ? [[field.path, [first, second]] as const] : [];
    }),
  );
}

function isRead({ holds, weight }: BodyField): boolean {
  return holds === 'value' && weight !== 'sealed';
}

function traced(event: PartnerEvent, samples: Samples, path: string): readonly string[] {
  const [first, second] = samples.get(path) ?? [];
  const before = meaningOf(event, samples, new Map());
  const after = meaningOf(event, samples, new Map([[path, second]]));
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter((at) => before.get(at) !== after.get(at));
  if (changed.length > 0) return namesOf(changed);
  const isOnlyWord = typeof first === 'string' && first === second;
  return isOnlyWord ? namesOf([...before].flatMap(([at, text]) => (text === first ? [at] : []))) : [];
}

/** Texts of what a body of the samples means, by their place; empty where it is not understood. */
function meaningOf(event: PartnerEvent, samples: Samples, changed: ReadonlyMap<string, unknown>): Texts {
  const body = [...samples].reduce<unknown>(
    (made, [path, [value]]) => withValue(made, keysOf(path), changed.get(path) ?? value),
    {},
  );
  const decoding = event.decode(body, 'a delivery');
  return decoding.ok ? new Map(textsOf(withoutBodyKey(decoding.decoded), '')) : new Map();
}

/** A key made of the whole body changes with every field, and says nothing about any. */
function withoutBodyKey({ duplicateKey, ...rest }: Decoded): unknown {
  const isOfBody = duplicateKey?.key.endsWith(duplicateKey.meaning) === true;
  return isOfBody ? rest : { ...rest, duplicateKey };
}

type Texts = ReadonlyMap<string, string>;

function textsOf(value: unknown, path: string): (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null) return [[path, String(value)]];
  return Object.entries(value).flatMap(([key, one]) => textsOf(one, path === '' ? key : `${path}.${key}`));
}

function keysOf(path: string): readonly string[] {
  return path.split('.').flatMap((key) => (key.endsWith('[]') ? [key.slice(0, -2), '0'] : [key]));
}

function withValue(at: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (key === '0') return [withValue(Array.isArray(at) ? at[0] : undefined, rest, value)];
  const fields = Object.entries(typeof at === 'object' && at !== null ? at : {});
  const inner: unknown = fields.find(([name]) => name === key)?.[1];
  return { ...Object.fromEntries(fields), [key]: withValue(inner, rest, value) };
}

/** Names of places as the pages say them. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^subject\.id$/, 'object id'],
  [/^duplicateKey\.key$/, 'event key'],
  [/^duplicateKey\.meaning$/, 'event meaning'],
  [/^content\.status$/, 'state'],
  [/^content\.callToAct$/, 'alert'],
  [/^content\.named\[\]$/, 'related objects'],
  [/^content\.executions\[\]/, 'executions'],
  [/^content\.booking\.legs\[\]\.value\..*/, 'movement.value'],
  [/^content\.booking\.legs\[\]\.alias\..*/, 'alias'],
  [/^content\.booking\.(legs\[\]\.)?/, 'movement.'],
  [/^content\.news\./, 'recurrence.'],
  [/^details\.reference$/, 'reference (sealed)'],
  [/^(content|details)\.amounts\[\].*/, 'amounts'],
  [/^details\./, ''],
  [/^content\./, ''],
];

function namesOf(places: readonly string[]): readonly string[] {
  const names = places.map((place) => {
    const declared = declaredPath(place);
    const [pattern, name] = NAMES.find(([one]) => one.test(declared)) ?? [/$^/, ''];
    return declared.replace(pattern, name);
  });
  return [...new Set(names)];
}
