import type { LifecycleTable } from '../../../domain/lifecycles/table';

/** Bitpanda crypto transfers (vendors.md §3.3, §3.4); money moves only when finished, so the read must say so too. */
export const bitpandaTransfer: LifecycleTable = {
  partner: 'bitpanda',
  calendar: 'TARGET',
  object: 'transfer',
  lifecycle: 'transfer',
  title: 'Bitpanda crypto transfer',
  readable: true,
  firstDue: 'PT4H',
  states: {
    pending: {
      rank: 1,
      owed: ['processing', 'on-hold', 'finished', 'canceled', 'rejected'],
      due: 'P1D',
      mayReturnFrom: ['on-hold'],
    },
    processing: {
      rank: 2,
      owed: ['on-hold', 'finished', 'canceled', 'rejected'],
      due: 'P1D',
      mayReturnFrom: ['on-hold'],
    },
    // Either of the two may follow it again (assumed): webhooks of transfers have no time, so that the read decides.
    'on-hold': { rank: 3, owed: ['processing', 'finished', 'canceled', 'rejected'], due: 'P1D' },
    finished: { rank: 4, owed: [], due: 'P1D', ends: 'when read agrees', tells: 'transfer.done' },
    canceled: { rank: 5, owed: [], due: 'P1D', ends: 'at once', cancels: true, neverAfter: ['finished'] },
    rejected: { rank: 5, owed: [], due: 'P1D', ends: 'at once', neverAfter: ['finished'] },
  },
};
