import type { SubjectDetails } from '../domain/details';
import type { Problem } from '../domain/problem';
import type { SubjectKey } from '../domain/subject-key';
import type { Reading } from '../domain/reading';

/** Why a read gave no answer about the object. */
export type ReadFailureCause =
  | 'timeout'
  | 'refused connection'
  | 'rate-limited'
  | 'server-error'
  | 'circuit open'
  | 'unauthorised'
  | 'forbidden'
  | 'owner unknown'
  | 'undecodable'
  | 'unexpected-status';

/** A read that said nothing about the object; the message holds no body, name or secret. */
export class ReadFailure extends Error {
  constructor(
    readonly failureCause: ReadFailureCause,
    message: string,
    /** Wait that the partner asked for, milliseconds; null where it named none. */
    readonly retryAfterMs: number | null = null,
  ) {
    super(message);
    this.name = 'ReadFailure';
  }
}

/** True for a failure that says the partner is away, not what it thinks of the object. */
export function isOutage(error: unknown): boolean {
  return error instanceof ReadFailure && OUTAGES.includes(error.failureCause);
}

const OUTAGES: readonly ReadFailureCause[] = ['timeout', 'refused connection', 'server-error', 'circuit open'];

/** The states of a partner's circuit of reads: closed lets reads pass, open none, half-open one, as a probe. */
export const CIRCUIT_STATES = ['closed', 'half-open', 'open'] as const;
/** The state of a circuit. */
export type CircuitWord = (typeof CIRCUIT_STATES)[number];

/** Answer about an object, which goes past the flow: it may name a person, and is kept sealed. */
export interface ObjectAnswer {
  /** The whole answer about the object, JSON. */
  readonly body: Buffer;
  readonly details: SubjectDetails;
  /** Fields that decide nothing and could not be read. */
  readonly unread: readonly Problem[];
}

/** A partner's objects as they can be read. Throws `ReadFailure`; never answers `unreachable` itself. */
export interface PartnerReader {
  /** Reading of an object; `hear` is told of the answer that it was made of. */
  read(
    key: SubjectKey,
    readHints: Readonly<Record<string, string>>,
    hear?: (answer: ObjectAnswer) => void,
  ): Promise<Reading>;
}

/** Time for one whole read of an object, with its token and all its paths, milliseconds. */
export const READ_TIMEOUT_MS = 10_000;
