import { messageTypes } from '../../domain/messages/catalogue';
import { isWanted } from '../../domain/messages/wanted-types';
import { latestCursor, readFeed } from '../../store/messages/feed';
import { fromStore, type OperationsDependencies } from '../operations/dependencies';
import { FeedCursor, Limit, MessageTypePattern, WorkflowId } from '../operations/fields';
import { pageRequest } from '../operations/paging';
import { checked, nextOf, type PageRoute, type Reply, screen, type Visit } from './route';
import { addresses } from './views/addresses';
import { MessagesView } from './views/messages-view';

/** Page of the feed of messages. */
export function messagePages(dependencies: OperationsDependencies): readonly PageRoute[] {
  return [{ method: 'get', path: addresses.messages, handle: (visit) => messages(dependencies, visit) }];
}

const FIELDS = { type: MessageTypePattern, subject: WorkflowId, limit: Limit, after: FeedCursor };

async function messages(dependencies: OperationsDependencies, { query }: Visit): Promise<Reply> {
  const { database, encryption, messageSources } = dependencies;
  const { type, subject, ...paging } = checked(FIELDS, query);
  const { limit, after } = pageRequest(paging);
  const known = messageTypes(messageSources).map((one) => one.type);
  const types = type === undefined ? null : known.filter((one) => isWanted([type], one));
  const isFiltered = types !== null || subject !== undefined;
  const page = await fromStore(async () => {
    // Without a filter the newest are wanted; what is filtered is read from its beginning.
    const start = after ?? (isFiltered ? null : await latestCursor(database, limit));
    return readFeed(database, encryption, { after: start, limit, types, subject: subject ?? null });
  });
  const links = page.kind === 'gone' ? { messages: [], next: null } : { messages: page.items, next: page.next };
  const content = MessagesView({
    ...{ type, subject, messages: links.messages },
    next: nextOf(addresses.messages, query, links.next),
    first: after === null ? null : addresses.messages,
  });
  return screen('Messages', 'messages', content);
}
