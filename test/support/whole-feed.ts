import type { Kysely } from 'kysely';

import type { FeedMessage } from '../../src/domain/messages/event';
import { IN_CLEAR } from '../../src/store/encryption';
import { readFeed } from '../../src/store/messages/feed';
import type { Tables } from '../../src/store/schema/tables';

/** Every message of the feed, read page by page as a bank does. */
export async function wholeFeed(database: Kysely<Tables>): Promise<readonly FeedMessage[]> {
  const messages: FeedMessage[] = [];
  let after = '0';
  for (;;) {
    const page = await readFeed(database, IN_CLEAR, { after, types: null, subject: null, limit: 500 });
    if (page.kind === 'gone') throw new Error(`the cursor ${after} is gone`);
    messages.push(...page.items);
    if (page.next === null) return messages;
    after = page.cursor;
  }
}
