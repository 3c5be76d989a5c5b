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
  messageTypes,
}: OperationsDependencies): readonly Operation[] {
  return [
    withQuery({
      method: 'get',
      path: '/operations/messages',
      summary: 'Every message of a change of state, the oldest first; go on with `cursor` as `after`.',
      answers: { 200: 'MessagesPage', 410: 'The cursor is older than what is kept.' },
      query: { after: FeedCursor, type: MessageTypePattern, subject: WorkflowId, limit: Limit },
      async handle({ query: { type, subject = null, ...paging } }) {
        const { limit, after } = pageRequest(paging);
        const types = type === undefined ? null : messageTypes.filter((one) => isWanted([type], one.type));
        const names = types?.map((one) => one.type) ?? null;
        const page = await fromStore(() => readFeed(database, encryption, { after, limit, subject, types: names }));
        if (page.kind === 'gone') throw new ProblemError(410, GONE[page.because]);
        const { items, next, cursor } = page;
        return { status: 200, body: { items: items.map(eventOf), next, cursor } };
      },
    }),
  ];
}

const GONE = {
  removed: 'messages after this cursor are removed: read from the beginning, without `after`',
  ahead: 'this feed has no such place: its database was set back; read from the beginning, without `after`',
} as const;
