import type { SetMovement } from '../../../src/domain/lifecycles/corporate-actions/corporate-action';
import { movements, type MovementDetails } from './set-words';

/** Sound sets of sixty holders by type, in the words of each; `n` counts from 1. */
export const SOUND: Readonly<Record<string, (n: number) => string>> = {
  spin_off: (n) => `-${n * 10} OLD, +${n * 10} OLD, +${n * 5} NEW`,
  merger_stock: (n) => `-${n * 10} OLD, +${n * 5} NEW`,
  merger_cash: (n) => `-${n * 10} OLD & +${n} EURO`,
  delisting: (n) => `-${n * 10} OLD, +${n} EURO`,
  dividend: (n) => `+${n} EURO`,
  stock_split: (n) => `+${n * 10} OLD`,
  reverse_stock_split: (n) => `-${n * 9} OLD`,
};

/** Exchanges by which the whole of a split is said in two movements. */
export const IN_TWO: Readonly<Record<string, (n: number) => string>> = {
  stock_split: (n) => `-${n * 10} OLD, +${n * 20} NEW`,
  reverse_stock_split: (n) => `-${n * 20} OLD, +${n * 2} NEW`,
};

/** Movements of one holder whose words were those of a sound set, with a fault. */
export type Fault = (words: string) => readonly SetMovement[];

/** Every kind of fault that one set can have, by name. */
export function faultsOf(type: string): Readonly<Record<string, Fault>> {
  const said = (words: string, more: MovementDetails = {}) => movements('one', words, { type, ...more });
  const changed = (words: string, change: (one: SetMovement, index: number) => SetMovement) => said(words).map(change);
  const first = (words: string, more: Partial<SetMovement>) =>
    changed(words, (one, index) => (index === 0 ? { ...one, ...more } : one));
  return {
    'nothing came': () => [],
    'the first movement is lost': (words) => said(words).slice(1),
    'the last movement is lost': (words) => said(words).slice(0, -1),
    'a share came twice': (words) => said(`${words}, +5 NEW, +5 NEW`),
    'a share went twice': (words) => said(`${words}, -7 OLD, -7 OLD`),
    'a stray share came': (words) => said(`${words}, +3 OTHER`),
    'two stray shares came': (words) => said(`${words}, +3 OTHER, +4 THIRD`),
    'a stray share went': (words) => said(`${words}, -3 OTHER`),
    'the sign is the other one': (words) => said(words.replace(/[+-]/g, (sign) => (sign === '+' ? '-' : '+'))),
    'one sign is the other one': (words) => said(words.replace(/^[+-]/, (sign) => (sign === '+' ? '-' : '+'))),
    'the amounts are others': (words) => said(words.replace(/(\d+)(?= NEW| EURO)/g, '$17')),
    'the old legs differ': (words) => said(words.replace(/\+(\d+) OLD/, '+1$1 OLD')),
    'money came, too': (words) => said(`${words}, +3 EURO`),
    'money was taken back': (words) => said(`${words}, -3 EURO`),
    'money came in another currency': (words) => first(`+3 EURO, ${words}`, { instrument: 'fiat:dollar' }),
    'another type': (words) => said(words, { type: 'capital_repayment' }),
    'the type is spelled otherwise': (words) => said(words, { type: type.toUpperCase() }),
    'one movement says another type': (words) => first(words, { type: 'capital_repayment' }),
    'the direction contradicts': (words) =>
      first(words, { direction: words.startsWith('-') ? 'incoming' : 'outgoing' }),
    'a repeat contradicts': (words) => first(words, { contradictedBy: '1' }),
    'another asset group': (words) => said(words, { assetGroup: 'etf' }),
    'an id of the other kind': (words) =>
      changed(words, (one) => ({ ...one, instrument: one.instrument.replace(/asset:.*/, 'asset:17') })),
    'credited years before': (words) =>
      changed(words, (one) => ({ ...one, creditedAt: '1999-01-01T00:00:00.000000Z' })),
    corrected: (words) => said(`${words}, +5 NEW, -5 NEW`),
    'taken back as a whole': (words) => [
      ...said(words),
      ...said(words).map((one) => ({
        ...one,
        transactionId: `${one.transactionId}-back`,
        amount: one.amount.startsWith('-') ? one.amount.slice(1) : `-${one.amount}`,
        creditedAt: '2026-03-03T00:00:00.000000Z',
      })),
    ],
  };
}
