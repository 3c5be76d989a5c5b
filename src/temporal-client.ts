import { Client, Connection } from '@temporalio/client';

import type { Configuration } from './config';

/** A client over a connection that is made at the first call, so that a process starts while Temporal is away. */
export interface TemporalClient {
  readonly client: Client;
  readonly connection: Connection;
  close(): Promise<void>;
}

/** Opens a client; nothing is sent yet. */
export function openTemporalClient({ temporal }: Configuration): TemporalClient {
  const { address, tls, apiKey, metadata } = temporal.connection;
  const connection = Connection.lazy({
    ...(address === undefined ? {} : { address }),
    ...(tls === undefined || tls === null ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(metadata === undefined ? {} : { metadata }),
  });
  return {
    client: new Client({ connection, namespace: temporal.namespace }),
    connection,
    close: () => connection.close(),
  };
}
