import { freePort } from '../../src/development/ports';
import { startGuarded } from '../../src/development/guarded-process';
import { locateTemporal } from '../../src/development/temporal-binaries';
import { eventually } from '../support/eventually';
import { connectionOf, setUpOn } from '../support/set-up-temporal';

/** After so many events the server asks a flow to continue as new; four thousand where nothing is said. */
export const SUGGESTED_AT = 150;

/** A Temporal server that asks flows to continue as new early, so that years of a flow fit into a test. */
export async function startServerOfShortHistories(): Promise<{ readonly address: string; stop(): Promise<void> }> {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const server = startGuarded({
    command: await locateTemporal(),
    arguments: [
      ...['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--log-level', 'error'],
      ...['--port', String(port), '--metrics-port', String(metricsPort)],
      ...['--dynamic-config-value', 'history.timerProcessorMaxTimeShift="10ms"'],
      ...['--dynamic-config-value', `limit.historyCount.suggestContinueAsNew=${String(SUGGESTED_AT)}`],
    ],
    stopSignal: 'INT',
  });
  const address = `127.0.0.1:${String(port)}`;
  await eventually(async () => {
    const connection = await connectionOf(address);
    await setUpOn(connection, 'default').finally(() => connection.close());
  });
  return { address, stop: () => server.stop() };
}
