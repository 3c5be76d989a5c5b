import type { SubjectKey } from '../domain/subject-key';
import type { Reading } from '../domain/reading';

/** Why a read gave no answer about the object. */
export type ReadFailureCause =
  | 'timeout'
  | 'refused connection'
  | 'rate-limited'
  | 'server-error'
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

/** A partner's objects as they can be read. Throws `ReadFailure`; never answers `unreachable` itself. */
export interface PartnerReader {
  read(key: SubjectKey, readHints: Readonly<Record<string, string>>): Promise<Reading>;
}

/** Time for one whole read of an object, with its token and all its paths, milliseconds. */
export const READ_TIMEOUT_MS = 10_000;
