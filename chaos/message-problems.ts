import { IN_CLEAR } from '../src/store/encryption';
import { readFeed } from '../src/store/messages/feed';
import type { FeedMessage } from '../src/domain/messages/event';
import type { Place } from './place';

/** Every change was told, numbered without a gap, in order of its subject, and the bank has it. */
export async function messageProblems(place: Place): Promise<readonly string[]> {
  const { kysely } = place.database;
  const unnumbered = await kysely.selectFrom('message_changes').select('position').limit(1).execute();
  const feed = await wholeFeed(place);
  const gaps = feed.filter(({ sequence }, index) => Number(sequence) !== index + 1);
  const rows = await kysely.selectFrom('subjects').select(['workflow_id', 'state']).execute();
  const stateOf = new Map(rows.map(({ workflow_id, state }) => [workflow_id, state]));
  return [
    ...(unnumbered.length === 0 ? [] : ['a change waits for its number']),
    ...(gaps.length === 0 ? [] : [`the feed has a gap before ${gaps[0]?.sequence ?? ''}`]),
    ...[...bySubject(feed)].flatMap(([subject, messages]) => chainProblems(subject, messages, stateOf)),
    ...bankProblems(place, feed),
  ];
}

async function wholeFeed({ database }: Place): Promise<readonly FeedMessage[]> {
  const messages: FeedMessage[] = [];
  for (let after = '0'; ;) {
    const page = await readFeed(database.kysely, IN_CLEAR, { after, types: null, subject: null, limit: 500 });
    if (page.kind === 'gone') throw new Error(`the cursor ${after} is gone`);
    messages.push(...page.items);
    if (page.next === null) return messages;
    after = page.cursor;
  }
}

function bySubject<Message extends { readonly subject: string }>(
  messages: readonly Message[],
): ReadonlyMap<string, readonly Message[]> {
  const groups = new Map<string, Message[]>();
  for (const message of messages) groups.set(message.subject, [...(groups.get(message.subject) ?? []), message]);
  return groups;
}

function chainProblems(
  subject: string,
  messages: readonly FeedMessage[],
  stateOf: ReadonlyMap<string, string | null>,
): readonly string[] {
  const changes = messages.filter(({ data }) => data !== null && data.previousState !== data.state);
  // One change may be told by several messages, e.g. by a finding that came with it.
  const steps = changes
    .map(({ data }) => [data?.previousState ?? null, data?.state ?? null] as const)
    .filter(([from, to], index, all) => from !== all[index - 1]?.[0] || to !== all[index - 1]?.[1]);
  const isChain = steps.every(([from], index) => from === (steps[index - 1]?.[1] ?? null));
  const last: unknown = changes.at(-1)?.data?.state ?? null;
  const isTold = changes.length === 0 || !stateOf.has(subject) || stateOf.get(subject) === last;
  return [
    ...(isChain ? [] : [`${subject}: its messages are no chain: ${JSON.stringify(steps)}`]),
    ...(isTold
      ? []
      : [`${subject}: told last was ${JSON.stringify(last)}, it stands at ${String(stateOf.get(subject))}`]),
  ];
}

/** Alerts go to their own address. */
const NOT_PUSHED = 'alert.raised';

function bankProblems({ bank }: Place, feed: readonly FeedMessage[]): readonly string[] {
  const told = new Map(feed.map((message) => [message.id, message]));
  // The types of the first release name their subject inside of their data, the others beside it.
  const applied = bank.applied().map((id) => ({ id, subject: told.get(id)?.subject ?? 'nobody' }));
  const has = new Set(bank.applied());
  const missing = feed.filter(({ id, type }) => type !== NOT_PUSHED && !has.has(id));
  const disordered = [...bySubject(applied)].filter(([, own]) => {
    const places = own.map(({ id }) => Number(told.get(id)?.sequence));
    return places.some((one, index) => index > 0 && one < (places[index - 1] ?? 0));
  });
  return [
    ...(missing.length === 0
      ? []
      : [`the bank was never told of ${missing.length} messages, first ${missing[0]?.sequence ?? ''}`]),
    ...disordered.map(([subject]) => `${subject}: the bank was told in another order`),
  ];
}
