import { join, sep } from 'node:path';

import { NamespaceNotFoundError } from '@temporalio/client';
import { DatabaseError } from 'pg';

import { ConfigurationError } from '../codecs/environment';
import { sentenceOfDatabaseError, isDatabaseAway } from '../store/database-errors';
import { DecryptionError } from '../store/encryption';
import { failureCode, failureOf, grpcErrorOf, isTemporalFailure } from '../temporal/errors';
import { DevelopmentServerError } from '../development/guarded-process';
import { SearchAttributeTypeError } from '../temporal/setup';
import { MissingBundleError } from '../temporal/workflow-bundle';
import { EXIT, type ExitCode } from './exit-codes';

/** A message for the operator about an error that ended a command, with its exit code. */
export interface Failure {
  /** A sentence; no stack trace, and no text that may quote data. */
  readonly message: string;
  readonly code: ExitCode;
}

/** Codes of sockets, of requests over them and of certificates: a server that cannot be reached, or not be trusted. */
const UNREACHED =
  /^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENET|EPIPE|UND_ERR_|ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/;

/** Messages of pg without a code, where a server is away, hangs, or speaks another protocol. */
const PG_AWAY =
  /^(Connection terminated|timeout expired|timeout exceeded when trying to connect|Query read timeout|Client (was closed|has encountered a connection error)|The server does not support SSL|There was an error establishing an SSL|the database says nothing|SASL)/;

function systemCodeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Only errors that are known to mean this: a script tries again on them, and a mistake of ours would be tried for ever. */
function isStoreAway(error: Error): boolean {
  if (error instanceof DatabaseError) return isDatabaseAway(error);
  return UNREACHED.test(systemCodeOf(error)) || PG_AWAY.test(error.message);
}

function ofTemporal(error: Error): Failure | null {
  if (error instanceof NamespaceNotFoundError) {
    return { message: `Temporal has no namespace ${error.namespace}. Has partnerflow setup run?`, code: EXIT.away };
  }
  // The SDK core's error about its connection; its class is not loaded here, it would load the core.
  if (error.name === 'TransportError') return { message: `Temporal is away: ${error.message}`, code: EXIT.away };
  const grpcError = grpcErrorOf(error);
  if (grpcError === null || failureOf(error) !== 'away') return null;
  const message = `Temporal cannot be used (${failureCode(error)}): ${grpcError.details}`;
  return { message, code: EXIT.away };
}

/** An error of the operating system: a port that is taken, a file that may not be read. Only an operator can repair it. */
function ofSystem(error: Error): Failure | null {
  if (!('syscall' in error)) return null;
  const code = systemCodeOf(error);
  if (error.syscall === 'listen' && 'address' in error && 'port' in error) {
    return {
      message: `Cannot listen at ${String(error.address)}:${String(error.port)}: ${code}.`,
      code: EXIT.wrongUse,
    };
  }
  return { message: `Could not be done: ${error.message}`, code: EXIT.wrongUse };
}

/** Errors whose words were written for a person. */
function ofOurs(error: Error): Failure | null {
  if (error instanceof DecryptionError) {
    const code = error.reason === 'altered' ? EXIT.found : EXIT.wrongUse;
    return { message: `${error.message} See BODY_ENCRYPTION_KEYS.`, code };
  }
  if (error instanceof DevelopmentServerError) return { message: error.message, code: EXIT.away };
  const isSetUp = [ConfigurationError, MissingBundleError, SearchAttributeTypeError].some(
    (one) => error instanceof one,
  );
  return isSetUp ? { message: error.message, code: EXIT.wrongUse } : null;
}

const SOURCES = join(__dirname, '..') + sep;

/** The place in our own code where an error arose, such as `store/append.js:40`; the head of a stack may quote data. */
function placeOf({ stack = '' }: Error): string {
  const ours = stack.split('\n').find((line) => /^ {4}at /.test(line) && line.includes(SOURCES));
  const place = ours?.slice(ours.indexOf(SOURCES) + SOURCES.length).match(/^[\w./\\-]+:\d+/)?.[0];
  return place === undefined ? '' : ` at ${place}`;
}

/** The message and the exit code for an error that ended a command. */
export function failureOfCommand(error: unknown): Failure {
  if (!(error instanceof Error))
    return { message: 'A mistake of ours: something was thrown that is no error.', code: EXIT.mistake };
  const known = ofOurs(error) ?? ofTemporal(error);
  if (known !== null) return known;
  if (isStoreAway(error)) return { message: sentenceOfDatabaseError(error), code: EXIT.away };
  const system = ofSystem(error);
  if (system !== null) return system;
  const what = isTemporalFailure(error) ? failureCode(error) : `${error.name} ${systemCodeOf(error)}`.trim();
  return {
    message: `A mistake of ours: ${what}${placeOf(error)}. Its text is not shown: it may quote data.`,
    code: EXIT.mistake,
  };
}
