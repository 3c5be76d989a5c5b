import { openTemporalClient, type TemporalClient, type TemporalClientOptions } from '../temporal/client';
import { grpcErrorOf, isTemporalFailure } from '../temporal/errors';
import { EXIT, type ExitCode, exitWith } from './exit-codes';

/** The result of work with Temporal, whose client is closed after it. */
export async function withTemporal<T>(
  options: TemporalClientOptions,
  work: (client: TemporalClient['client']) => Promise<T>,
): Promise<T> {
  const temporal = openTemporalClient(options);
  try {
    return await work(temporal.client);
  } finally {
    await temporal.close();
  }
}

/** The exit code of a command for which Temporal is away, with a message on standard error. */
export function exitTemporalAway({ temporal }: TemporalClientOptions): ExitCode {
  return exitWith(EXIT.away, `Temporal is away at ${temporal.connection.address ?? 'its default address'}.`);
}

/** The exit code of a command that lists flows by `--filter`, after a failure of Temporal; throws every other error. */
export function exitListingFailed(error: unknown, options: TemporalClientOptions): ExitCode {
  if (Number(grpcErrorOf(error)?.code) === INVALID_ARGUMENT)
    return exitWith(EXIT.wrongUse, '--filter: expected a visibility query of Temporal, such as WorkflowType = "order"');
  if (!isTemporalFailure(error)) throw error;
  return exitTemporalAway(options);
}

const INVALID_ARGUMENT = 3;
