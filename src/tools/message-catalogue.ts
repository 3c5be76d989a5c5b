import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { asyncApiOf } from '../domain/messages/async-api';
import { type MessageType, messageTypes } from '../domain/messages/catalogue';
import { DEFAULT_TYPES } from '../domain/messages/wanted-types';
import { PARTNERS } from '../partners';
import { messageSourcesOf } from '../partners/message-sources';

const SOURCES = messageSourcesOf(PARTNERS);

/** Text of docs/messages.md, with its table anew. */
export function withMessageTable(page: string): string {
  const [before = ''] = page.split(BEGIN);
  const after = page.split(END)[1] ?? '';
  return `${before}${BEGIN}\n\n<!-- prettier-ignore -->\n${tableOf(messageTypes(SOURCES))}\n\n${END}${after}`;
}

const [BEGIN, END] = ['<!-- messages: written by `npm run message-catalogue` -->', '<!-- end of messages -->'];

function tableOf(types: readonly MessageType[]): string {
  const rows = types.map(({ type, when, objects, extra }) => [
    `\`${type}\``,
    when,
    objects.map(({ title, states }) => `${title}: ${states.map(shown).join(', ')}`).join('; '),
    extra === undefined ? '' : `\`${extra}\``,
    DEFAULT_TYPES.includes(type) ? 'yes' : '',
  ]);
  const head = ['type', 'when', 'object and state', 'also has', 'pushed by default'];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function shown(state: string): string {
  return state === '*' ? 'every state' : `\`${state}\``;
}

/** Text of docs/asyncapi.json. */
export function asyncApiText(): string {
  return `${JSON.stringify(asyncApiOf(SOURCES), null, 1)}\n`;
}

if (require.main === module) {
  const docs = join(__dirname, '..', '..', '..', 'docs');
  const page = join(docs, 'messages.md');
  writeFileSync(page, withMessageTable(readFileSync(page, 'utf8')));
  writeFileSync(join(docs, 'asyncapi.json'), asyncApiText());
}
