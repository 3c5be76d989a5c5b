import { asyncApiOf } from '../../domain/messages/async-api';
import { messageTypes } from '../../domain/messages/catalogue';
import { eventOf } from '../../domain/messages/event';
import { isWanted } from '../../domain/messages/wanted-types';
import { readFeed } from '../../store/messages/feed';
import { fromStore, type OperationsDependencies } from './dependencies';
import { FeedCursor, Limit, MessageTypePattern, WorkflowId } from './fields';
import { type Operation, withQuery } from './operation';
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
