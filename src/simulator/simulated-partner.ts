import { randomBytes } from 'node:crypto';

import type { Decoding } from '../codecs/decode';
import type { Partner } from '../domain/partner';
import type { Simulator, SimulatorOptions } from './server';

type Environment = Readonly<Record<string, string | undefined>>;
type Variables = Readonly<Record<string, string>>;

/** A partner of one development run, with the secrets that were made up for it. */
export interface MadeUpPartner {
  /** By which its objects are read: at the simulator or, where that is null, at a partner of one's own. */
  readonly readVariables: (given: Environment, simulator: Simulator | null) => Variables;
  /** Its secrets, as the development file shows them. */
  readonly shown: Readonly<Record<string, unknown>>;
  readonly start: (options: SimulatorOptions) => Promise<Simulator>;
}

/** A partner that can be simulated. For development, demonstrations and tests only. */
export interface SimulatedPartner {
  readonly name: Partner;
  readonly title: string;
  /** The variable that switches the simulator off: it names a partner of one's own. */
  readonly apiUrlVariable: string;
  /** The variables by which its webhooks are authenticated, of what the development file shows of it. */
  readonly webhookVariables: (shown: unknown) => Decoding<Variables>;
  /** Takes what the environment sets and makes up the rest. */
  readonly madeUp: (given: Environment) => MadeUpPartner;
}

/** A secret for one development run; it has no fixed value that could be mistaken for a default. */
export function madeUpSecret(): string {
  return randomBytes(18).toString('base64url');
}

/** The token endpoint of a partner of one's own, where none is given: at the path where the simulated one has it. */
export function tokenUrlAt(apiUrl: string | undefined, path: string): string {
  return `${(apiUrl ?? '').replace(/\/+$/, '')}${path}`;
}

/** JSON in a variable; null where there is none: the configuration then says what is wrong with the variable. */
export function parsedOrNull(json: string | undefined): unknown {
  try {
    const value: unknown = JSON.parse(json ?? 'null');
    return value;
  } catch {
    return null;
  }
}
