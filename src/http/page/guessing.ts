import { setTimeout as delay } from 'node:timers/promises';

/** A guard that slows down the guessing of tokens. */
export interface GuessingGuard {
  /** False: so many wrong tokens of this address are being answered that another one is not even looked at. */
  mayTry(address: string): boolean;
  /** Waits before a wrong token is answered. */
  afterWrong(address: string): Promise<void>;
}

/** Limits of wrong tokens, and the delay of their responses in milliseconds. */
export interface GuessingLimits {
  /** The delay of the response to a wrong token. */
  readonly delayMs: number;
  /** Wrong tokens of one address that may wait for their answers at a time. */
  readonly mostOfOneAddress: number;
  /** Wrong tokens that may wait in all; beyond it they are answered at once, so that waiting cannot fill the memory. */
  readonly mostWaiting: number;
}

/** The limits in production. */
export const GUESSING_LIMITS: GuessingLimits = { delayMs: 1_000, mostOfOneAddress: 5, mostWaiting: 500 };

/**
 * A guard against guessing: the response to a wrong token is delayed, and only a few of one address are looked at at
 * a time, which bounds the guesses a second whatever the number of connections. Nothing else is remembered: a right
 * token is never delayed, and a stranger cannot lock out a name.
 */
export function createGuessingGuard(limits: GuessingLimits): GuessingGuard {
  const waiting = new Map<string, number>();
  let all = 0;
  const change = (address: string, by: 1 | -1): void => {
    const count = (waiting.get(address) ?? 0) + by;
    all += by;
    if (count === 0) waiting.delete(address);
    else waiting.set(address, count);
  };
  return {
    mayTry: (address) => (waiting.get(address) ?? 0) < limits.mostOfOneAddress,
    async afterWrong(address) {
      if (all >= limits.mostWaiting) return;
      change(address, 1);
      await delay(limits.delayMs);
      change(address, -1);
    },
  };
}
