import type { Payload } from '@temporalio/common';
import { JSONToPayload, payloadToJSON } from '@temporalio/common/lib/proto-utils';
import type { Logger } from 'pino';

import type { CodecServerConfiguration } from '../config/configuration';
import { createApplication } from '../http/server/application';
import { createCodec, type JsonPayload } from '../http/server/codec';
import { type Listener, startListener } from '../http/server/listener';
import { DecryptionError } from '../store/encryption';
import { createPayloadCodec } from '../temporal/payload-codec';

const HEADERS_TIMEOUT_MS = 10_000;

/**
 * Server that decodes payloads for the Temporal Web UI. It authenticates nobody: anyone who reaches it can read
 * everything. So it listens on the loopback interface unless configured otherwise, and answers no web page but the
 * UI's.
 */
export async function startCodecServer(configuration: CodecServerConfiguration, logger: Logger): Promise<Listener> {
  const codec = createPayloadCodec(configuration.keys);
  const middleware = createCodec({
    uiOrigin: configuration.uiOrigin,
    encode: (payloads) => converted(payloads, (given) => codec.encode(given)),
    decode: (payloads) => converted(payloads, (given) => codec.decode(given)),
  });
  const { host, port } = configuration;
  const listener = await startListener(createApplication([middleware]), {
    host,
    port,
    headersTimeoutMs: HEADERS_TIMEOUT_MS,
  });
  logger.info({ url: listener.url }, 'decrypting payloads for the Temporal Web UI');
  if (!['127.0.0.1', '::1', 'localhost'].includes(host))
    logger.warn('CODEC_SERVER_HOST is not the loopback interface: whoever reaches it reads every payload');
  return listener;
}

/** Converted payloads. A payload that is none is the sender's mistake; the library's own message may quote it. */
async function converted(
  payloads: readonly JsonPayload[],
  work: (payloads: Payload[]) => Promise<Payload[]>,
): Promise<readonly JsonPayload[]> {
  try {
    const done = await work(payloads.map((payload) => JSONToPayload(payload)));
    return done.map((payload) => ({ ...payloadToJSON(payload) }));
  } catch (error) {
    if (error instanceof DecryptionError) throw error;
    throw new Error('payloads: expected payloads of Temporal, found something else');
  }
}
