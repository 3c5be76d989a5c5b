import { type Encryption, encryptJson, isEncryptedJson, messageBinding } from '../encryption';

/** Body of a message as the outbox keeps it: encrypted where bodies are. */
export function keptBody(encryption: Encryption, body: string, messageId: string): string {
  return encryptJson(encryption, body, messageBinding(messageId));
}

/** Body of a message in clear. Throws `DecryptionError`. */
export function clearBody(encryption: Encryption, kept: string, messageId: string): string {
  const value: unknown = JSON.parse(kept);
  if (typeof value !== 'object' || value === null || !isEncryptedJson(value)) return kept;
  const bytes = Buffer.from(value.sealed, 'base64');
  return encryption.decrypt({ bytes, keyName: value.keyName }, messageBinding(messageId)).toString('utf8');
}
