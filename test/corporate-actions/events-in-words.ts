import { paramsOf } from './movements';

/** Instruments of the words, as the API shows them. */
export const INSTRUMENTS = { OLD: 'asset:1477', NEW: 'asset:1479', OTHER: 'asset:1481', THIRD: 'asset:1483' } as const;

const ASSETS: Readonly<Record<string, number>> = { OLD: 1477, NEW: 1479, OTHER: 1481, THIRD: 1483 };

/** Movements of one holder in words: `-10 OLD, +10 OLD, +5 NEW`. */
export interface WordsOf {
  readonly caId: string;
  readonly userId: string;
  readonly type: string;
  readonly words: string;
  /** The day on which all is credited, each movement a minute after the one before. */
  readonly day?: string;
}

/** The webhooks' parameters of movements in words; `&` in place of a comma makes one event of two. */
export function eventsOf({
  caId,
  userId,
  type,
  words,
  day = '2024-05-23',
}: WordsOf): readonly Record<string, unknown>[] {
  const events = words === '' ? [] : words.split(', ');
  return events.map((event, index) => {
    const parts = event.split(' & ').map((part) => part.replace('+', '').split(' '));
    const [share] = parts.filter(([, name]) => name !== 'EURO');
    const [euro] = parts.filter(([, name]) => name === 'EURO');
    const creditedAt = `${day}T08:${String(10 + index)}:00Z`;
    const moved = share === undefined ? {} : { amount: share[0] ?? null, asset: ASSETS[share[1] ?? ''] ?? 0 };
    return paramsOf({ caId, userId, type, creditedAt, ...moved, fiatAmount: euro?.[0] ?? null });
  });
}
