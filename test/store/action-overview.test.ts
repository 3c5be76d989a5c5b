import { randomUUID } from 'node:crypto';

import { loadOverview } from '../../src/store/corporate-actions/overview';
import { describeAction } from '../../workflows/action-ui';
import { type Api, openApi } from '../operations/harness';
import { announced, judged } from '../operations/ledger-rows';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

test('the Temporal UI says of each set that somebody has to look at what breaks, or what is not known', async () => {
  const { kysely } = api.database;
  const caId = randomUUID();
  await announced(kysely, { caId });
  const missing = { kind: 'missing-leg', leg: 'new-in', instrument: 'asset:2', expected: '4', found: null } as const;
  await judged(kysely, { caId, user: 'broken', verdict: 'break', breaks: [missing] });
  const unverified = [
    { reason: 'holdings not known', missing: ['opening'] },
    { reason: 'ratio not known', missing: ['asset:2'] },
  ] as const;
  await judged(kysely, { caId, user: 'doubtful', verdict: 'unverified', unverified });
  await judged(kysely, { caId, user: 'of-before', verdict: 'unverified' });
  await judged(kysely, { caId, user: 'good', verdict: 'complete' });
  const action = { partner: 'bitpanda', id: caId } as const;
  const lines = describeAction(action, await loadOverview(kysely, action)).split('\n');
  expect(lines.slice(lines.indexOf('#### The worst sets') + 1)).toEqual([
    '- broken: **break** missing-leg new-in asset:2 expected 4',
    '- doubtful: **unverified** holdings not known (opening) and 1 more',
    '- of-before: **unverified** what is known does not decide it',
  ]);
});
