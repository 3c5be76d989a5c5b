import {
  Client,
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  type WorkflowClientInterceptor,
} from '@temporalio/client';
import type { ClientConnectConfig } from '@temporalio/envconfig';

import type { EncryptionKey } from '../store/encryption';
import { dataConverterOf } from './payload-codec';

/** The address of Temporal and the keys of its payloads. */
export interface TemporalClientOptions {
  readonly temporal: { readonly connection: ClientConnectConfig['connectionOptions']; readonly namespace: string };
  /** Keys that encrypt payloads, newest first; null leaves them readable in Temporal. */
  readonly payloadKeys: readonly EncryptionKey[] | null;
}

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

/** A Temporal client, over which nothing has been sent yet. */
export function openTemporalClient(
  { temporal, payloadKeys }: TemporalClientOptions,
  workflow: WorkflowClientInterceptor[] = [],
): TemporalClient {
  const { address, tls, apiKey, metadata } = temporal.connection;
  const connection = Connection.lazy({
    interceptors: [makeGrpcRetryInterceptor(RETRIES)],
    ...(address === undefined ? {} : { address }),
    ...(tls === undefined || tls === null ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(metadata === undefined ? {} : { metadata }),
  });
  const dataConverter = dataConverterOf(payloadKeys);
  return {
    client: new Client({
      connection,
      namespace: temporal.namespace,
      interceptors: { workflow },
      ...(dataConverter === undefined ? {} : { dataConverter }),
    }),
    connection,
    close: () => connection.close(),
  };
}

/**
 * The result of work that ends when `stop` is aborted, also in the middle of a call. The SDK keeps a listener on the
 * signal of every call, so each work gets a signal of its own: thousands of tries would otherwise stay in memory with
 * the signal of the process.
 */
export async function untilStopped<T>(client: Client, stop: AbortSignal, work: () => Promise<T>): Promise<T> {
  const own = new AbortController();
  const abort = (): void => own.abort();
  stop.addEventListener('abort', abort, { once: true });
  try {
    return await client.withAbortSignal(own.signal, work);
  } finally {
    stop.removeEventListener('abort', abort);
  }
}
