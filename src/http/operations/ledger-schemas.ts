import { BREAK_KINDS, LEGS, UNKNOWNS, VERDICTS } from '../../domain/lifecycles/corporate-actions/corporate-action';
import type { Partner } from '../../domain/partner';
import { OBLIGATION_STATES } from '../../domain/obligation';
import type { Schema } from './fields';
import {
  count,
  list,
  maybe,
  maybeText,
  maybeTime,
  maybeWord,
  page,
  text,
  time,
  truth,
  whole,
  word,
} from './schema-parts';

const amount: Schema = { type: 'string', description: 'A decimal without exponent, plus sign or trailing zeros.' };
const maybeAmount: Schema = { ...amount, type: ['string', 'null'] };
const instrument: Schema = {
  type: 'string',
  description: '`asset:<uuid>`, or `asset:<int>` while no alias is known; `fiat:` likewise.',
};
const bounds = whole({ low: amount, high: amount });

const obligationOf = (partners: readonly Partner[]) => ({
  id: text,
  partner: word(partners),
  userId: text,
  caId: maybeText,
  transactionId: text,
  instrument,
  amount,
  state: word(OBLIGATION_STATES),
  since: time,
  dueAt: time,
  paidAt: maybeTime,
  paidBy: maybeText,
  reference: maybeText,
});

const foundBreak = whole({
  kind: word(BREAK_KINDS),
  leg: maybeWord(LEGS),
  instrument: maybeText,
  expected: maybeText,
  found: maybeText,
});

const movement = whole({
  transactionId: text,
  leg: word(LEGS),
  instrument,
  amount,
  creditedAt: time,
  deliveryId: { ...maybeText, description: 'Null where an operator took a movement back.' },
  recovered: truth,
});

const holder = whole({
  userId: text,
  verdict: { ...maybeWord(VERDICTS), description: 'Null until the set has settled.' },
  before: { ...maybeAmount, description: 'Held of the old instrument before; null where it is not known.' },
  expectedNew: maybe(bounds),
  breaks: list(foundBreak),
  unverified: {
    ...list(whole({ reason: word(UNKNOWNS), missing: list(text) })),
    description: 'Things that are not known, with what is missing of each; empty unless the verdict is `unverified`.',
  },
  movements: list(movement),
  resolution: maybe(whole({ by: text, reason: text, result: word(['done', 'failed']), at: time })),
});

const ratio: Schema = { ...maybe(bounds), description: 'Open interval of new for old; null while nothing is proved.' };

/** JSON schemas of the ledger's routes, by name. */
export const ledgerSchemas = (partners: readonly Partner[]): Readonly<Record<string, Schema>> => ({
  PositionPage: page(whole({ partner: word(partners), userId: text, instrument, amount })),
  ObligationPage: page(whole(obligationOf(partners))),
  Obligation: whole(obligationOf(partners)),
  ToldTrades: whole({
    trades: { ...count, description: 'Trades of the request.' },
    new: { ...count, description: 'Those that were not told before.' },
    late: { ...count, description: 'New ones of before what was said to be complete; alerted.' },
  }),
  CompleteThrough: whole({
    partner: word(partners),
    through: { ...time, description: 'The latest moment that was ever given.' },
  }),
  CorporateAction: whole({
    caId: text,
    type: text,
    oldInstrument: maybeText,
    newInstruments: list(instrument),
    ratio: { ...ratio, description: 'Of the new instrument on which most sets agree; null while nothing is proved.' },
    completeSets: { ...count, description: 'Sets that prove its ratio.' },
    agreeingSets: { ...count, description: 'Those of them that agree.' },
    ratios: list(whole({ instrument, low: maybeAmount, high: maybeAmount, completeSets: count, agreeingSets: count })),
    holders: list(holder),
    next: { ...maybeText, description: 'Give it as `after` for the next page of holders.' },
  }),
  ReversedEvent: whole({
    partner: word(partners),
    transactionId: text,
    movements: list(
      whole({
        leg: text,
        userId: text,
        caId: maybeText,
        instrument,
        amount,
        creditedAt: time,
        deliveryId: maybeText,
        reason: maybeText,
        reversedBy: maybeText,
      }),
    ),
  }),
});
