import type { Kysely } from 'kysely';

import type { MessageSources } from '../../domain/messages/catalogue';
import type { Partner } from '../../domain/partner';
import type { RegisterExpectation } from '../../operator/expect';
import type { Operate, OperateMany } from '../../operator/actions';
import type { Evidence } from '../../operator/evidence/evidence';
import type { SubjectFile } from '../../operator/subject-file/subject-file';
import { isDatabaseAway } from '../../store/database-errors';
import type { RunningCheck } from '../../store/stats/balance';
import type { JudgingOptions } from '../../store/corporate-actions/judge';
import { DecryptionError, type Encryption } from '../../store/encryption';
import type { FlowLink } from '../../store/flows/list';
import type { Tables } from '../../store/schema/tables';
import type { BodyLimits } from '../server/raw-body';
import { away, ProblemError } from './problems';

/** A logger of operators' requests; pino's loggers fit. */
export interface OperationsLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** The store, flows and settings that the operations API works on. */
export interface OperationsDependencies {
  /** Names of the partners there are. */
  readonly partners: readonly Partner[];
  readonly database: Kysely<Tables>;
  /** Kinds of object that messages are about. */
  readonly messageSources: MessageSources;
  /** Opens what is shown of a delivery. */
  readonly encryption: Encryption;
  /** Key by which our own references are found; null: they are not. */
  readonly referenceHashKey: Buffer | null;
  /** Verifies what is stored of a delivery again; null for an id that is not known. */
  readonly evidence: (deliveryId: string) => Promise<Evidence | null>;
  /** File of all evidence of a subject for whoever asks; null for an id that is not known. */
  readonly subjectFile: (workflowId: string, by: string) => Promise<SubjectFile | null>;
  /** Token by the name of whom it belongs to; null: there is no operations API, all of it answers 404. */
  readonly tokens: ReadonlyMap<string, string> | null;
  readonly flowLink: FlowLink;
  readonly notRunning: RunningCheck;
  /** Deliveries became pending: dispatch looks now rather than at its next poll. */
  readonly wakeDispatcher: () => void;
  readonly registerExpectation: RegisterExpectation;
  /** Options for judging sets again after a reversal. */
  readonly judging: JudgingOptions;
  readonly operate: Operate;
  readonly operateMany: OperateMany;
  /** Sentences about settings that hold for a while, and that everybody has to see as long. */
  readonly notices?: () => readonly string[];
  /** Limits of bodies, for the page and the API together. */
  readonly bodies: BodyLimits;
  readonly log: OperationsLog;
}

const STORE_TIMEOUT_MS = 4_500;

/** The result of work on the store. Throws a 503 within 5 s where the store is away or does not respond. */
export async function fromStore<T>(work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooSlow = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(away('the database does not answer')), STORE_TIMEOUT_MS);
  });
  try {
    return await Promise.race([work(), tooSlow]);
  } catch (error) {
    if (error instanceof DecryptionError) throw away(error.message);
    throw !(error instanceof ProblemError) && isDatabaseAway(error) ? away('the database is away') : error;
  } finally {
    clearTimeout(timer);
  }
}
