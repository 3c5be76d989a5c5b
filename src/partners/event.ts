import type { NotificationContent, Partner, Problem, SubjectKey } from '../domain/notification';

/** What a partner's folder makes of a delivery. */
export interface Decoded {
  readonly event: string;
  readonly subject: SubjectKey;
  /** The partner's id of the event and what it says; null where a repetition means "read again". */
  readonly duplicateKey: { readonly key: string; readonly meaning: string } | null;
  readonly content: NotificationContent;
}

export type Decoding =
  | { readonly ok: true; readonly decoded: Decoded }
  /** `event` where it is known although the body is not understood. */
  | { readonly ok: false; readonly event: string | null; readonly problem: Problem };

/** Decodes a partner's deliveries; the only reader of its field names. */
export interface PartnerDecoder {
  readonly partner: Partner;
  decode(route: string, body: Buffer): Decoding;
}
