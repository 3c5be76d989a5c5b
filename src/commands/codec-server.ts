import { startCodecServer } from '../processes/codec-server';
import { processEnvironment, readCodecServerVariables } from '../config/configuration';
import { createLogger } from '../telemetry/logger';
import { stopSignal } from '../processes/stop-signal';
import { EXIT, type ExitCode } from './exit-codes';

/** `partnerflow codec-server`: decrypts payloads for the Temporal Web UI until it is stopped. */
export async function codecServer(): Promise<ExitCode> {
  const configuration = readCodecServerVariables(processEnvironment());
  const stopped = stopSignal();
  const listener = await startCodecServer(configuration, createLogger(configuration.logLevel, 'codec-server'));
  await stopped;
  await listener.close();
  return EXIT.done;
}
