import type {
  CorporateAction,
  HolderSet,
  SetMovement,
} from '../../../src/domain/lifecycles/corporate-actions/corporate-action';
import { judgeCorporateAction } from '../../../src/domain/lifecycles/corporate-actions/judge';

export const SHARES = { OLD: 'asset:old', NEW: 'asset:new', OTHER: 'asset:other', EURO: 'fiat:euro' } as const;

/** What a test says of a movement beside its words. */
export type Said = Partial<
  Pick<SetMovement, 'type' | 'direction' | 'assetGroup' | 'contradictedBy' | 'paid' | 'transactionId'>
>;

const DAY = '2026-03-02T';

/**
 * Movements in words: `-10 OLD, +10 OLD, +5 NEW`. Each is credited a minute after the one before; `@09:30` gives the time
 * itself, and `&` in place of the comma makes it part of the event before.
 */
export function movements(userId: string, words: string, said: Said = {}): readonly SetMovement[] {
  const parts = words === '' ? [] : words.split(/(?=[,&])/);
  let event = 0;
  return parts.map((part, index) => {
    const found = /^[,&]?\s*([+-][\d.]+) (\w+)(?: @(\d\d:\d\d))?\s*$/.exec(part);
    if (found === null) throw new Error(`No movement: ${part}`);
    const [, amount = '', share = '', at] = found;
    if (!part.startsWith('&')) event = index;
    return {
      transactionId: `${userId}-${event}`,
      instrument: share === 'EURO' ? SHARES.EURO : `asset:${share.toLowerCase()}`,
      amount: amount.replace('+', ''),
      type: 'spin_off',
      creditedAt: `${DAY}${at ?? `10:${String(index).padStart(2, '0')}`}:00.000000Z`,
      direction: null,
      assetGroup: null,
      contradictedBy: null,
      ...said,
    };
  });
}

/** A holder in words; `before` is what was held of the old share, where it is known. */
export function holder(userId: string, words: string, before: string | null = null, said: Said = {}): HolderSet {
  return { userId, movements: movements(userId, words, said), before };
}

/** Holders whose sets are complete, in a ratio of one to two. */
export function sound(count: number, said: Said = {}): readonly HolderSet[] {
  return Array.from({ length: count }, (_, index) => {
    const old = (index + 1) * 10;
    return holder(`sound-${index}`, `-${old} OLD, +${old} OLD, +${old / 2} NEW`, null, said);
  });
}

export const PRECISIONS = { '*': '0.00000001', etf: '0.0001' } as const;

/** The judgement of one holder beside others, in short: the verdict, breaks by kind and leg, and what is not known. */
export function judgedBeside(others: readonly HolderSet[], one: HolderSet): readonly string[] {
  return judgedIn({ holders: [...others, one], precisions: PRECISIONS }, one.userId);
}

/** The judgement of one holder of a corporate action, in short. */
export function judgedIn(action: CorporateAction, userId: string): readonly string[] {
  const found = judgeCorporateAction(action).judgements.find((one) => one.userId === userId);
  if (found === undefined) return [];
  return [
    found.verdict,
    ...found.breaks.map(({ kind, leg, expected }) => [kind, leg, expected].filter((word) => word !== null).join(' ')),
    ...found.unknown.map(({ reason, missing }) => [`${reason}:`, ...missing].join(' ')),
  ];
}
