import { asyncApiOf } from '../../domain/messages/async-api';
import { messageTypes } from '../../domain/messages/catalogue';
import { eventOf } from '../../domain/messages/event';
import { millisecondsOf } from '../../domain/moments';
import { isWanted } from '../../domain/messages/wanted-types';
import { readFeed } from '../../store/messages/feed';
import { areMessagesSent } from '../../store/outbox/enqueue';
import { replayMessages } from '../../store/messages/replay';
import { fromStore, type OperationsDependencies } from './dependencies';
import { FeedCursor, Limit, MessageTypePattern, Moment, Truth, WorkflowId } from './fields';
import { type Operation, withBody, withQuery } from './operation';
import { pageRequest } from './paging';
import { ProblemError } from './problems';

/** Routes of the feed of messages. */
export function messageOperations({
  database,
  encryption,
  messageSources,
}: OperationsDependencies): readonly Operation[] {
  const known = messageTypes(messageSources).map(({ type }) => type);
  return [
    withQuery({
      method: 'get',
      path: '/operations/messages',
      summary: 'Every message of a change of state, the oldest first; go on with `cursor` as `after`.',
      answers: { 200: 'MessagesPage', 410: 'The cursor is older than what is kept.' },
      query: { after: FeedCursor, type: MessageTypePattern, subject: WorkflowId, limit: Limit },
      async handle({ query: { type, subject = null, ...paging } }) {
        const { limit, after } = pageRequest(paging);
        const types = type === undefined ? null : known.filter((one) => isWanted([type], one));
        const page = await fromStore(() => readFeed(database, encryption, { after, limit, subject, types }));
        if (page.kind === 'gone') throw new ProblemError(410, GONE[page.because]);
        const { items, next, cursor } = page;
        return { status: 200, body: { items: items.map(eventOf), next, cursor } };
      },
    }),
    withBody({
      method: 'post',
      path: '/operations/messages/replay',
      summary: 'Sends the messages of a window of time again, each under its id; a dry run counts them.',
      answers: { 202: 'ReplayedMessages', 409: 'No receiver sends messages.' },
      required: { from: Moment, to: Moment },
      optional: { type: MessageTypePattern, dryRun: Truth },
      async handle({ who, body: { from, to, type = '*', dryRun = false } }) {
        const request = { from: inUtc(from), to: inUtc(to), type, dryRun };
        if (!dryRun && !(await fromStore(() => areMessagesSent(database))))
          throw new ProblemError(409, 'no receiver has an OUTBOX_WEBHOOK_URL: nobody would send them');
        const types = await fromStore(() => replayMessages(database, encryption, request, who));
        return { status: 202, body: { ...request, messages: sumOf(types), types } };
      },
    }),
    withQuery({
      method: 'get',
      path: '/operations/asyncapi.json',
      summary: 'The messages as AsyncAPI 3, each type with its schema and an example.',
      answers: { 200: 'OpenApi' },
      query: {},
      handle: () => Promise.resolve({ status: 200, body: asyncApiOf(messageSources) }),
    }),
  ];
}

const GONE = {
  removed: 'messages after this cursor are removed: read from the beginning, without `after`',
  ahead: 'this feed has no such place: its database was set back; read from the beginning, without `after`',
} as const;

/** Moment as its field has checked it: UTC where it names no offset. */
function inUtc(moment: string): string {
  return new Date(millisecondsOf(moment)).toISOString();
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
