import type { OutboxState } from '../domain/outgoing';
import { listOutbox, type OutboxItem } from '../store/outbox/list';
import { allPages } from '../store/pagination';
import { withStore } from './context';
import { EXIT, type ExitCode } from './exit-codes';
import { counted, say, sayJson, table } from './output';

interface OutboxOptions {
  readonly state?: OutboxState;
  readonly json?: boolean;
}

function sayOutbox(items: readonly OutboxItem[]): void {
  if (items.length === 0) {
    say('No messages.');
    return;
  }
  const rows = items.map(({ id, type, subject, state, attempts, createdAt, lastFailure }) => [
    ...[id, type, subject, state, String(attempts), createdAt, lastFailure],
  ]);
  say(table(['ID', 'TYPE', 'SUBJECT', 'STATE', 'TRIES', 'WRITTEN', 'LAST FAILURE'], rows));
  const dead = items.filter(({ state }) => state === 'dead').length;
  const count = counted(items.length, 'message', 'messages');
  // Only a dead message is taken by retry: of others it would say that they were not given up.
  say(
    `\n${count}, ${dead} dead.${dead > 0 ? ' Once the cause is gone: partnerflow outbox retry <id>…, or --all' : ''}`,
  );
}

/** `partnerflow outbox`: messages to our own backend, sent and to be sent. */
export async function outbox({ state, json }: OutboxOptions): Promise<ExitCode> {
  return withStore(async ({ database }) => {
    const listing = await allPages((page) => listOutbox(database, { state }, page));
    if (json === true) sayJson(listing);
    else sayOutbox(listing.items);
    return EXIT.done;
  });
}
