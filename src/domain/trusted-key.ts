/** A public key of ECDSA P-256. */
export interface PublicKey {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

/** A key that a receiver verifies webhooks with. */
export interface TrustedKey {
  readonly keyId: string;
  /** Fingerprint that deliveries verified with it hold. */
  readonly fingerprint: string;
  readonly publicKey: PublicKey;
}

/** A key with the time in which receivers have trusted it; `until` is null while they do. */
export interface KeptKey extends TrustedKey {
  readonly since: Date;
  readonly until: Date | null;
}
