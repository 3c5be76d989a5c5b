import type { Script } from '../script';
import { disturbed } from './disturbed';
import { goes, scriptsOf } from './scripts';
import { ends, moves, movesOf, recorded } from './steps';

const well: readonly Script[] = scriptsOf({ partner: 'tradevest', kind: 'document' }, [
  goes('document-approved', 'A document is created, checked and approved.', ['CREATED', 'PENDING', 'APPROVED']),
  goes('document-archived', 'A document that we never created is approved and later archived.', [
    'APPROVED',
    'ARCHIVED',
  ]),
  {
    name: 'partner-document-published',
    title: 'A paper of the platform is published; its webhook names no status.',
    kind: 'partner-document',
    steps: moves('published'),
    expected: ends(null, 1),
  },
  goes(
    'search-completes',
    'A search for a legal entity finds data and documents.',
    ['PREPARING', 'WAITING_FOR_DATA', 'READY_DATA', 'COMPLETED'],
    { kind: 'search' },
  ),
  goes('search-fails', 'A search for a legal entity fails.', ['WAITING_FOR_DATA', 'FAILED'], { kind: 'search' }),
  goes('strategy-runs', 'A strategy is executed, pending, and executed again.', ['EXECUTING', 'PENDING', 'EXECUTING'], {
    kind: 'strategy',
  }),
  goes('subscription-active', 'A subscription to a strategy becomes active.', ['PENDING', 'ACTIVE'], {
    kind: 'subscription',
  }),
  goes(
    'savings-plan-switched-off',
    'A savings plan is active, switched off, and deleted.',
    ['ACTIVE', 'INACTIVE', 'DELETED'],
    {
      kind: 'savings-plan',
    },
  ),
  {
    name: 'labels-updated',
    title: 'The labels of two customers are changed by one webhook: both are read again.',
    kind: 'labels',
    companions: { one: 'customer', other: 'customer' },
    steps: [...movesOf('one', 'ACTIVE'), ...movesOf('other', 'CREATED'), ...moves('UPDATED')],
    expected: ends('UPDATED', 1),
  },
  {
    name: 'prices-told',
    title: 'The prices of the real estate tokens are told twice; the latest pair stands.',
    kind: 'prices',
    steps: moves('published', 'published'),
    expected: recorded(null, 2),
  },
]);

/** Scripts of documents and similar objects of a Tradevest, with and without misbehaviour. */
export const tradevestPapers: readonly Script[] = [
  ...well,
  ...disturbed({
    partner: 'tradevest',
    kind: 'document',
    name: 'document',
    noun: 'document',
    middle: 'PENDING',
    end: 'APPROVED',
    after: 'repeated',
    readsEnd: true,
    shown: ['end-lost', 'slow', 'repeated', 'read-lags'],
  }),
];
