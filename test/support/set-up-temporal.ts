import { Connection } from '@temporalio/client';

import { setUpTemporal } from '../../src/temporal/setup';

export async function connectionOf(address: string): Promise<Connection> {
  return Connection.connect({ address });
}

export async function setUpOn(connection: Connection, namespace: string): Promise<void> {
  await setUpTemporal(connection, namespace);
}
