import type { OutboxState } from '../domain/outgoing';
import { listOutbox, type OutboxItem, retryAllDead, retryMessage } from '../store/outbox/list';
import { allPages } from '../store/pagination';
import { withStore } from './context';
import { EXIT, type ExitCode } from './exit-codes';
import { complain, counted, say, sayJson, table } from './output';
import { whoami } from './whoami';

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

/** `partnerflow outbox`: what was told to our own backend, or is to be. */
export async function outbox({ state, json }: OutboxOptions): Promise<ExitCode> {
  return withStore(async ({ database }) => {
    const listing = await allPages((page) => listOutbox(database, { state }, page));
    if (json === true) sayJson(listing);
    else sayOutbox(listing.items);
    return EXIT.done;
  });
}

async function retryAll(): Promise<ExitCode> {
  return withStore(async ({ database }) => {
    const count = await retryAllDead(database, whoami());
    say(`${counted(count, 'message is', 'messages are')} sent again.`);
    return EXIT.done;
  });
}

async function retryThese(ids: readonly string[]): Promise<ExitCode> {
  return withStore(async ({ database }) => {
    let code: ExitCode = EXIT.done;
    for (const id of ids) {
      const result = await retryMessage(database, id, whoami());
      if (result === 'retried') say(`${id} is sent again.`);
      else {
        complain(result === 'unknown' ? `No message has the id ${id}.` : `${id} was not given up.`);
        code = EXIT.found;
      }
    }
    return code;
  });
}

/** `partnerflow outbox retry <id>…|--all`: messages that were given up are sent again. */
export async function outboxRetry(ids: readonly string[], { all }: { readonly all?: boolean }): Promise<ExitCode> {
  if ((all === true) === ids.length > 0) {
    complain('Expected message ids or --all, one of the two.');
    return EXIT.wrongUse;
  }
  return all === true ? retryAll() : retryThese(ids);
}
