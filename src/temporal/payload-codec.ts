import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';

import { createEncryption, type EncryptionKey } from '../store/encryption';

const PayloadMessage = temporal.api.common.v1.Payload;
const ENCODING = 'binary/encrypted';
/** The data to which encryption binds payloads: only that they are payloads, because Temporal moves them between histories. */
const PLACE = 'A payload in Temporal';

function textOf(value: Uint8Array | null | undefined): string {
  return value === null || value === undefined ? '' : Buffer.from(value).toString('utf8');
}

/**
 * A codec that encrypts payloads by AES-256-GCM under the first key, and decrypts those of any key; payloads from
 * before there were keys are read as they are. Throws `DecryptionError`, which names the missing key.
 */
export function createPayloadCodec(keys: readonly EncryptionKey[]): PayloadCodec {
  const encryption = createEncryption(keys);
  const encrypt = (payload: Payload): Payload => {
    const { bytes, keyName } = encryption.encrypt(Buffer.from(PayloadMessage.encode(payload).finish()), PLACE);
    return {
      metadata: { encoding: Buffer.from(ENCODING), 'encryption-key-id': Buffer.from(keyName ?? '') },
      data: bytes,
    };
  };
  const decrypt = (payload: Payload): Payload => {
    const metadata = payload.metadata ?? {};
    if (textOf(metadata.encoding) !== ENCODING) return payload;
    const keyName = textOf(metadata['encryption-key-id']);
    return PayloadMessage.decode(encryption.decrypt({ bytes: Buffer.from(payload.data ?? []), keyName }, PLACE));
  };
  return {
    encode: (payloads) => Promise.resolve().then(() => payloads.map(encrypt)),
    decode: (payloads) => Promise.resolve().then(() => payloads.map(decrypt)),
  };
}

/** The data converter of clients, workers and replays; undefined where nothing is encrypted. */
export function dataConverterOf(keys: readonly EncryptionKey[] | null): DataConverter | undefined {
  return keys === null ? undefined : { payloadCodecs: [createPayloadCodec(keys)] };
}
