import { NOTHING_OF_ITS_OWN, withRelatedObjects } from '../../activities/related-objects';
import { type PartnerReader, ReadFailure } from '../../src/partners/reading';
import { openDatabase } from '../../src/store/database';
import { testServers } from '../support/servers';
import { lifecycleTableOf } from '../support/partners';

const WORDS = ['customer:a', 'customer:b', 'customer:c'];

const database = openDatabase({ url: testServers().databaseUrl, poolSize: 1 });
afterAll(() => database.close());

/** Reads what labels name; the partner answers as many as given, then hangs. */
function reading(answers: number) {
  const asked: string[] = [];
  const reader: PartnerReader = {
    read: ({ id }) => {
      asked.push(id);
      if (asked.length > answers) return Promise.reject(new ReadFailure('timeout', 'GET gave no answer'));
      return Promise.resolve({ ...NOTHING_OF_ITS_OWN, status: 'ACTIVE' });
    },
  };
  const key = { partner: 'tradevest', object: 'labels', id: '1' } as const;
  const request = { key, workflowId: 'x', purpose: 'fill', readHints: {}, named: WORDS, write: null } as const;
  const result = withRelatedObjects(
    { database: database.kysely, reader, table: lifecycleTableOf('tradevest', 'labels') },
    request,
    NOTHING_OF_ITS_OWN,
  );
  return { asked, result };
}

test('a partner that hangs on the first named object is asked for no other, and the read has failed', async () => {
  const { asked, result } = reading(0);
  await expect(result).rejects.toMatchObject({ failureCause: 'timeout' });
  expect(asked).toEqual(['a']);
});

test('one that hangs on a later one is asked no more, and what it said before is kept', async () => {
  const { asked, result } = reading(1);
  expect(await result).toMatchObject({ named: { 'customer:a': 'ACTIVE', 'customer:b': null, 'customer:c': null } });
  expect(asked).toEqual(['a', 'b']);
});
