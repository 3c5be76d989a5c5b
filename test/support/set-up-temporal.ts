import { Connection } from '@temporalio/client';

import { setUpTemporal } from '../../src/temporal/setup';

/** Connection to the Temporal server at the address. */
export async function connectionOf(address: string): Promise<Connection> {
  return Connection.connect({ address });
}

/** Namespace with its search attributes, ready for use. */
export async function setUpOn(connection: Connection, namespace: string): Promise<void> {
  await setUpTemporal(connection, namespace);
}
