import type { Script } from '../script';
import { disturbed } from './disturbed';
import { ends, moves, movesOf, recorded } from './steps';

const tradevest = { misbehaviours: [], partner: 'tradevest', objects: 1 } as const;

const well: readonly Script[] = [
  {
    ...tradevest,
    name: 'document-approved',
    title: 'A document is created, checked and approved.',
    kind: 'document',
    steps: [...moves('CREATED'), ...moves('PENDING'), ...moves('APPROVED')],
    expected: ends('APPROVED', 3),
  },
  {
    ...tradevest,
    name: 'document-archived',
    title: 'A document that we never created is approved and later archived.',
    kind: 'document',
    steps: [...moves('APPROVED'), ...moves('ARCHIVED')],
    expected: ends('ARCHIVED', 2),
  },
  {
    ...tradevest,
    name: 'partner-document-published',
    title: 'A paper of the platform is published; its webhook names no status.',
    kind: 'partner-document',
    steps: [...moves('published')],
    expected: ends(null, 1),
  },
  {
    ...tradevest,
    name: 'search-completes',
    title: 'A search for a legal entity finds data and documents.',
    kind: 'search',
    steps: [...moves('PREPARING'), ...moves('WAITING_FOR_DATA'), ...moves('READY_DATA'), ...moves('COMPLETED')],
    expected: ends('COMPLETED', 4),
  },
  {
    ...tradevest,
    name: 'search-fails',
    title: 'A search for a legal entity fails.',
    kind: 'search',
    steps: [...moves('WAITING_FOR_DATA'), ...moves('FAILED')],
    expected: ends('FAILED', 2),
  },
  {
    ...tradevest,
    name: 'strategy-runs',
    title: 'A strategy is executed, pending, and executed again.',
    kind: 'strategy',
    steps: [...moves('EXECUTING'), ...moves('PENDING'), ...moves('EXECUTING')],
    expected: ends('EXECUTING', 3),
  },
  {
    ...tradevest,
    name: 'subscription-active',
    title: 'A subscription to a strategy becomes active.',
    kind: 'subscription',
    steps: [...moves('PENDING'), ...moves('ACTIVE')],
    expected: ends('ACTIVE', 2),
  },
  {
    ...tradevest,
    name: 'labels-updated',
    title: 'The labels of two customers are changed by one webhook: both are read again.',
    kind: 'labels',
    companions: { one: 'customer', other: 'customer' },
    steps: [...movesOf('one', 'ACTIVE'), ...movesOf('other', 'CREATED'), ...moves('UPDATED')],
    expected: ends('UPDATED', 1),
  },
  {
    ...tradevest,
    name: 'prices-told',
    title: 'The prices of the real estate tokens are told twice; the latest pair stands.',
    kind: 'prices',
    steps: [...moves('published'), ...moves('published')],
    expected: recorded(null, 2),
  },
];

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
