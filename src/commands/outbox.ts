import type { OutboxState } from '../domain/outgoing';
import { listOutbox, type OutboxItem } from '../store/outbox/list';
import type { ExitCode } from './exit-codes';
import { counted, table } from './output';
import { showListing } from './show-listing';

interface OutboxOptions {
  readonly state?: OutboxState;
  readonly json?: boolean;
}

/** `partnerflow outbox`: messages to our own backend, sent and to be sent. */
export async function outbox({ state, json }: OutboxOptions): Promise<ExitCode> {
  return showListing(json, ({ database, encryption }, page) => listOutbox(database, encryption, { state }, page), {
    none: 'No messages.',
    some: inWords,
  });
}

function inWords(items: readonly OutboxItem[]): string {
  const rows = items.map(({ id, type, subject, state, attempts, createdAt, lastFailure }) => [
    ...[id, type, subject, state, String(attempts), createdAt, lastFailure],
  ]);
  const shown = table(['ID', 'TYPE', 'SUBJECT', 'STATE', 'TRIES', 'WRITTEN', 'LAST FAILURE'], rows);
  const dead = items.filter(({ state }) => state === 'dead').length;
  // Only a dead message is taken by retry: of others it would say that they were not given up.
  const hint = dead > 0 ? ' Once the cause is gone: partnerflow outbox retry <id>…, or --all' : '';
  return `${shown}\n\n${counted(items.length, 'message', 'messages')}, ${dead} dead.${hint}`;
}
