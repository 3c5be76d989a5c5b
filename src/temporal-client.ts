import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';

import type { Configuration } from './config';

/** A client over a connection that is made at the first call, so that a process starts while Temporal is away. */
export interface TemporalClient {
  readonly client: Client;
  readonly connection: Connection;
  close(): Promise<void>;
}

/**
 * The SDK's own ten attempts heed no deadline: with Temporal refusing connections one call took 20 s instead of its 3.
 * Three within half a second bridge a blip; whoever calls tries again later by rules of their own.
 */
const RETRIES = defaultGrpcRetryOptions({ maxAttempts: 3, initialIntervalMs: () => 100 });

/** Opens a client; nothing is sent yet. */
export function openTemporalClient({ temporal }: Pick<Configuration, 'temporal'>): TemporalClient {
  const { address, tls, apiKey, metadata } = temporal.connection;
  const connection = Connection.lazy({
    interceptors: [makeGrpcRetryInterceptor(RETRIES)],
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
