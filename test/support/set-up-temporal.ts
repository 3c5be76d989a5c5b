import { randomUUID } from 'node:crypto';

import { Connection } from '@temporalio/client';

import { setUpTemporal } from '../../src/temporal/setup';
import { testServers } from './servers';

/** Connection to the Temporal server at the address. */
export async function connectionOf(address: string): Promise<Connection> {
  return Connection.connect({ address });
}

/** Namespace with its search attributes, ready for use. */
export async function setUpOn(connection: Connection, namespace: string): Promise<void> {
  await setUpTemporal(connection, namespace);
}

/**
 * Name of a namespace of a test's own on the shared server, ready for use. The partners' printed webhooks name the same
 * objects in every test file: in one namespace a flow of one file would take the signals of another.
 */
export async function ownNamespace(): Promise<string> {
  const namespace = `test-${randomUUID()}`;
  const connection = await connectionOf(testServers().temporalAddress);
  await setUpOn(connection, namespace);
  await connection.close();
  return namespace;
}
