import type { LifecycleTable } from '../lifecycle';

/** Bitpanda crypto transfers (vendors.md §3.3, §3.4); money moves only when finished, so the read must say so too. */
export const bitpandaTransfer: LifecycleTable = {
  partner: 'bitpanda',
  object: 'transfer',
  lifecycle: 'transfer',
  title: 'Bitpanda crypto transfer',
  readable: true,
  firstDue: 'PT4H',
  states: {
    pending: { rank: 1, owed: ['processing', 'finished', 'canceled'], due: 'P1D' },
    processing: { rank: 2, owed: ['finished', 'canceled'], due: 'P1D' },
    finished: { rank: 3, owed: [], due: 'P1D', ends: 'when read agrees', tells: 'transfer.done' },
    canceled: { rank: 4, owed: [], due: 'P1D', ends: 'at once', neverAfter: ['finished'] },
  },
};

/** Our own deposits at Bitpanda, by the reference they were announced with; the success is all there is to hear. */
export const bitpandaDeposit: LifecycleTable = {
  partner: 'bitpanda',
  object: 'deposit',
  lifecycle: 'transfer',
  title: 'Bitpanda deposit',
  readable: false,
  firstDue: { businessDays: 2 },
  states: { 'top-up-success': { rank: 1, owed: [], due: 'P1D', ends: 'at once', tells: 'transfer.done' } },
};

/** Payouts of Bitpanda to us, by reference; that they were initiated, not that they have arrived (vendors.md §3.2). */
export const bitpandaPayout: LifecycleTable = {
  partner: 'bitpanda',
  object: 'payout',
  lifecycle: 'transfer',
  title: 'Bitpanda payout',
  readable: false,
  firstDue: { businessDays: 2 },
  states: {
    'send-money': { rank: 1, owed: ['send-money-success'], due: { businessDays: 2 } },
    'send-money-success': { rank: 2, owed: [], due: 'P1D', ends: 'at once', tells: 'transfer.done' },
  },
};
