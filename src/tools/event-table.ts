import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'iso8601-duration';

import { kindOf } from '../domain/lifecycles/kinds';
import type { DueSetting, LifecycleTable, StateRule } from '../domain/lifecycles/table';
import { PARTNERS } from '../partners';
import type { PartnerModule } from '../partners/partner-module';

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** Due time as a person says it. */
function dueInWords(due: DueSetting): string {
  if (typeof due !== 'string') return plural(due.businessDays, 'business day');
  const { months = 0, days = 0, hours = 0, minutes = 0 } = parse(due);
  const parts = [
    months > 0 ? plural(months, 'month') : '',
    days > 0 ? plural(days, 'day') : '',
    hours > 0 ? `${hours} h` : '',
    minutes > 0 ? `${minutes} min` : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** Further checks at each kind of end; null where the webhook's word is enough. */
const ENDS: Readonly<Record<NonNullable<StateRule['ends']>, string | null>> = {
  'at once': null,
  'when read agrees': 'a read that agrees',
  'when read': 'a read',
  'when those named have ended': 'the end of all it names',
  'when those named are read': 'a read of all it names',
  'when judged': 'how it is meant',
};

function endInWords({ ends, rests, due, readFor }: StateRule): string | null {
  if (rests === true) return 'rests';
  const asked = ends === undefined ? null : ENDS[ends];
  if (asked === null || ends === 'when read agrees' || (ends === 'when read' && readFor === undefined)) return asked;
  return `${asked}${readFor === undefined ? '' : ` that shows ${readFor}`} within ${dueInWords(due)}`;
}

function stateInWords([state, rule]: [string, StateRule]): string | null {
  const end = endInWords(rule);
  if (end !== null) return `${state}: ${end}`;
  if (rule.ends !== undefined) return null;
  const urgent = rule.urgent === undefined ? '' : ` (${dueInWords(rule.urgent.due)} where it is immediate)`;
  return `${state}: ${rule.owed.join(', ')} within ${dueInWords(rule.due)}${urgent}`;
}

/** Next step owed in each state of a table, with its due time. */
function owedInWords(table: LifecycleTable | undefined): string {
  if (table === undefined) return 'nothing';
  const { owed } = kindOf(table.lifecycle);
  if (owed !== null) {
    const further = Object.entries(table.further ?? {}).map(([name, due]) => `${name} ${dueInWords(due)}`);
    return `${owed} (${further.join(', ')})`;
  }
  if (table.statusless === true) return 'a read each time';
  const states = Object.entries(table.states).map(stateInWords);
  const said = states.filter((text) => text !== null);
  return said.length === 0 ? 'nothing after it' : said.join('; ');
}

function rowsOf({ name: partner, title, events: registered }: PartnerModule): readonly string[] {
  const objects = [...new Set(registered.map(({ object }) => object))];
  return objects.map((object) => {
    const own = registered.filter((event) => event.object === object);
    const names = own.map(({ event }) => `\`${event}\``).join(', ');
    const lifecycle = own[0]?.lifecycle ?? 'recorded';
    const owed = owedInWords(PARTNERS.lifecycleTableOf(partner, object));
    return `| ${title} ${names} | \`${partner}:${object}\` | \`${lifecycle}\` | ${owed} |`;
  });
}

/** Table in Markdown of every event that is understood, with its lifecycle, the next step owed and its due time. */
export function eventTable(): string {
  const rows = PARTNERS.modules.flatMap(rowsOf);
  return ['| event | subject | lifecycle | what is owed, and when |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

const [BEGIN, END] = ['<!-- events: written by `npm run event-table` -->', '<!-- end of events -->'];

/** README with the table of events from the code. */
export function withEventTable(page: string): string {
  const [before = '', rest = ''] = page.split(BEGIN);
  const [, after = ''] = rest.split(END);
  return `${before}${BEGIN}\n\n<!-- prettier-ignore -->\n${eventTable()}\n\n${END}${after}`;
}

if (require.main === module) {
  const path = join(__dirname, '..', '..', '..', 'docs', 'events.md');
  writeFileSync(path, withEventTable(readFileSync(path, 'utf8')));
}
