import { setTimeout as delay } from 'node:timers/promises';

import { messageTypes } from '../domain/messages/catalogue';
import { eventOf, type FeedMessage } from '../domain/messages/event';
import { isWanted } from '../domain/messages/wanted-types';
import { PARTNERS } from '../partners';
import { messageSourcesOf } from '../partners/message-sources';
import { areMessagesSent } from '../store/outbox/enqueue';
import { type FeedPage, readFeed } from '../store/messages/feed';
import { replayMessages, type ReplayRequest } from '../store/messages/replay';
import { LARGEST_PAGE } from '../store/pagination';
import { type OperatorContext, withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { counted, say, sayJson, table } from './output';
import { whoami } from './whoami';

/** Options of `partnerflow messages`. */
export interface MessagesOptions {
  readonly after?: string;
  readonly type?: string;
  readonly subject?: string;
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** `partnerflow messages`: what the feed has, and with `--follow` what comes. */
export async function messages(options: MessagesOptions): Promise<ExitCode> {
  return withStore((context) => (options.follow === true ? follow(context, options) : list(context, options)));
}

async function list(context: OperatorContext, options: MessagesOptions): Promise<ExitCode> {
  const items: FeedMessage[] = [];
  let after: string | null = options.after ?? null;
  let page: FeedPage;
  do {
    page = await pageAfter(context, options, after);
    if (page.kind === 'gone') return exitWith(EXIT.found, GONE[page.because]);
    items.push(...page.items);
    after = page.cursor;
  } while (page.next !== null);
  if (options.json === true) sayJson({ items: items.map(eventOf), next: null, cursor: page.cursor });
  else say(items.length === 0 ? 'No messages.' : inWords(items));
  return EXIT.done;
}

const GONE = {
  removed: 'Messages behind this cursor are removed: read from the beginning, without --after.',
  ahead: 'The feed has no such place: its database was set back. Read from the beginning, without --after.',
} as const;

function pageAfter(
  { database, encryption }: OperatorContext,
  options: MessagesOptions,
  after: string | null,
): Promise<FeedPage> {
  const { type, subject } = options;
  const known = messageTypes(messageSourcesOf(PARTNERS)).map((one) => one.type);
  const types = type === undefined ? null : known.filter((one) => isWanted([type], one));
  return readFeed(database, encryption, { after, subject: subject ?? null, types, limit: LARGEST_PAGE });
}

const COLUMNS = ['SEQUENCE', 'TIME', 'TYPE', 'SUBJECT', 'STATE'];

function inWords(items: readonly FeedMessage[]): string {
  return `${table(COLUMNS, items.map(cellsOf))}\n\n${counted(items.length, 'message', 'messages')}.`;
}

function cellsOf({ sequence, at, type, subject, data }: FeedMessage): readonly string[] {
  const state = data === null ? '(erased)' : data.state;
  return [sequence, at, type, subject, typeof state === 'string' ? state : ''];
}

const LOOK_EVERY_MS = 1_000;

/** One line for each message, until the process is stopped; what is there already comes only behind `--after`. */
async function follow(context: OperatorContext, options: MessagesOptions): Promise<ExitCode> {
  let after = options.after ?? (await endOf(context));
  for (;;) {
    const page = await pageAfter(context, options, after);
    if (page.kind === 'gone') return exitWith(EXIT.found, GONE[page.because]);
    for (const message of page.items)
      say(options.json === true ? JSON.stringify(eventOf(message)) : cellsOf(message).join('  '));
    after = page.cursor;
    if (page.next === null) await delay(LOOK_EVERY_MS);
  }
}

async function endOf({ database }: OperatorContext): Promise<string> {
  const { last } = await database.selectFrom('message_numbers').select('last').executeTakeFirstOrThrow();
  return last;
}

/** Options of `partnerflow messages replay`. */
export interface ReplayMessagesOptions extends ReplayRequest {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `partnerflow messages replay`: sends what was told in a window of time again. */
export async function replay({ from, to, type, dryRun = false, json }: ReplayMessagesOptions): Promise<ExitCode> {
  return withStore(async ({ database, encryption }) => {
    if (!dryRun && !(await areMessagesSent(database)))
      return exitWith(EXIT.found, 'No receiver has an OUTBOX_WEBHOOK_URL: nobody would send them.');
    const request = { from, to, type, dryRun };
    const types = await replayMessages(database, encryption, request, whoami());
    const sum = Object.values(types).reduce((total, count) => total + count, 0);
    if (json === true) sayJson({ ...request, messages: sum, types });
    else
      say(
        [...Object.entries(types).map(([one, count]) => `${one}: ${String(count)}`), sentence(sum, dryRun)].join('\n'),
      );
    return EXIT.done;
  });
}

function sentence(count: number, dryRun: boolean): string {
  return `${counted(count, 'message', 'messages')} ${dryRun ? 'would be sent again' : 'sent again'}.`;
}
