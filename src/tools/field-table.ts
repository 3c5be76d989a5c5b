import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { BodyField } from '../codecs/body-fields';
import { PARTNERS } from '../partners';
import type { PartnerEvent } from '../partners/event';
import type { PartnerModule } from '../partners/partner-module';
import { placesOf } from './field-traces';

/** Row about a field, the same for all events that have it. */
export interface FieldRow {
  readonly path: string;
  readonly events: readonly string[];
  /** Fate of a delivery in which it cannot be read. */
  readonly unreadable: string;
  readonly kept: readonly string[];
  readonly told: readonly string[];
  readonly unkeptBecause: string | null;
}

/** Rows about every field of a partner's webhooks, as their codecs declare them. */
export function fieldRows({ events, lifecycles }: PartnerModule): readonly FieldRow[] {
  const rows = new Map<string, FieldRow>();
  for (const event of events) {
    for (const field of event.fields.filter(({ holds }) => holds === 'value')) {
      const { path, unkeptBecause } = field;
      const kept = unkeptBecause === null ? placesOf(event, path, lifecycles) : [];
      const told = toldAs(event, kept, lifecycles);
      const row = { path, events: [event.event], unreadable: unreadable(field), kept, told, unkeptBecause };
      const key = JSON.stringify({ ...row, events: null });
      const known = rows.get(key);
      rows.set(key, known === undefined ? row : { ...known, events: [...known.events, event.event] });
    }
  }
  return [...rows.values()];
}

function unreadable({ weight, decidesWhere }: BodyField): string {
  if (weight === 'sealed') return 'is not read';
  if (weight === 'decides') return 'parks';
  return decidesWhere === null ? 'left out' : `parks where ${decidesWhere}, else left out`;
}

/** Names in `movement.booked`, and in `obligation.due` where money is passed on. */
const OF_A_MOVEMENT: Readonly<Record<string, string>> = {
  'movement.transactionId': 'transactionId',
  'movement.userId': 'userId',
  'movement.corporateActionId': 'caId',
  'movement.instrument': 'instrument',
  'movement.amount': 'amount',
  'movement.type': 'type',
  'movement.fee': 'fee',
  'movement.creditedAt': 'creditedAt',
};

/** Fields of `data` in every message about a change of the subject, by the places where they are kept. */
const IN_EVERY_MESSAGE: readonly (readonly [RegExp, string])[] = [
  [/^object id$/, 'objectId'],
  [/^recurrence\.status$/, 'state'],
  [/^(executions|facts)\..*$/, '$1'],
  [/^reference \(sealed\)$/, 'reference'],
  [/^(state|executions|userId|reason|changedAt|side|sandbox|amounts)$/, '$1'],
];

const OF_A_CONFIRMATION = ['transactionId', 'userId', 'amount', 'currency', 'deadline'];

/** Names under which our own backend is told of what is kept. */
function toldAs(
  { lifecycle, object }: PartnerEvent,
  kept: readonly string[],
  lifecycles: PartnerModule['lifecycles'],
): readonly string[] {
  const table = lifecycles.find((one) => one.object === object);
  const types = new Set(Object.values(table?.states ?? {}).flatMap(({ tells }) => tells ?? []));
  const told = kept.flatMap((place) => {
    const inAll = IN_EVERY_MESSAGE.find(([pattern]) => pattern.test(place));
    return [...toldBefore(place), ...(inAll === undefined ? [] : [`\`data.${place.replace(...inAll)}\``])];
  });
  return [...new Set(told)];

  function toldBefore(place: string): readonly string[] {
    if (place === 'alert') return ['`alert.raised`'];
    const ofMovement = OF_A_MOVEMENT[place];
    if (ofMovement !== undefined) return [`\`movement.booked\` \`${ofMovement}\``];
    if (lifecycle === 'savingsPlan') {
      const word = place === 'object id' ? 'objectId' : OF_A_CONFIRMATION.find((one) => place === `recurrence.${one}`);
      return word === undefined ? [] : [`\`plan.confirmed\` \`${word}\``];
    }
    const word = place === 'object id' ? 'objectId' : /^(state|facts\..*|executions.*)$/.exec(place)?.[0];
    return word === undefined ? [] : [...types].map((type) => `\`${type}\` \`${word}\``);
  }
}

const HEAD = [
  '| field | in | cannot be read | kept in clear as | told outward as | left in the sealed body because |',
  '| --- | --- | --- | --- | --- | --- |',
];

function rowInWords(row: FieldRow, all: number): string {
  const events = eventsInWords(row.events, all);
  const kept = row.kept.map((place) => (place.includes(' ') ? place : `\`${place}\``)).join(', ');
  const cells = [`\`${row.path}\``, events, row.unreadable, kept, row.told.join(', '), row.unkeptBecause ?? ''];
  return `| ${cells.map((cell) => (cell === '' ? '–' : cell)).join(' | ')} |`;
}

function eventsInWords(events: readonly string[], all: number): string {
  return events.length === all ? 'every event' : events.map((event) => `\`${event}\``).join(', ');
}

/** Tables in Markdown of every field that the partners print. */
export function fieldTables(): string {
  return PARTNERS.modules
    .map((module) => {
      const rows = fieldRows(module).map((row) => rowInWords(row, module.events.length));
      return [`## ${module.title}`, '', '<!-- prettier-ignore -->', ...HEAD, ...rows].join('\n');
    })
    .join('\n\n');
}

/** Table in Markdown of the fields of a partner that may park a delivery. */
export function parkingTable({ events }: PartnerModule): string {
  const rows = new Map<string, string[]>();
  for (const { event, fields } of events) {
    for (const { path, holds, weight, decidesWhere } of fields) {
      if (holds === 'fields' || (weight !== 'decides' && decidesWhere === null)) continue;
      const key = `| \`${path}\` | ${decidesWhere ?? 'always'} |`;
      rows.set(key, [...(rows.get(key) ?? []), event]);
    }
  }
  const lines = [...rows].map(([key, names]) => `${key} ${eventsInWords(names, events.length)} |`);
  return ['<!-- prettier-ignore -->', '| field | parks | in |', '| --- | --- | --- |', ...lines].join('\n');
}

const BEGIN = '<!-- fields: written by `npm run field-table` -->';
const END = '<!-- end of fields -->';

/** Page with the tables between its marks. */
export function withFields(page: string, tables: string): string {
  const [before = '', rest = ''] = page.split(BEGIN);
  const [, after = ''] = rest.split(END);
  return `${before}${BEGIN}\n\n${tables}\n\n${END}${after}`;
}

function rewrite(path: string, tables: string): void {
  writeFileSync(path, withFields(readFileSync(path, 'utf8'), tables));
}

if (require.main === module) {
  const root = join(__dirname, '..', '..', '..');
  rewrite(join(root, 'docs', 'fields.md'), fieldTables());
  for (const one of PARTNERS.modules) {
    rewrite(join(root, 'src', 'partners', one.name, 'MAPPING.md'), parkingTable(one));
  }
}
