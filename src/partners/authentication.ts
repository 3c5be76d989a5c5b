import type { AuthenticityResult } from '../domain/authenticity';

/** A request as it came over the wire; nothing decoded, nothing joined. */
export interface IncomingRequest {
  readonly method: string;
  /** The path of the request target with its query, as sent; it begins with `/webhooks/`. */
  readonly url: string;
  /** The request target as sent, where it is not `url` itself: in absolute form, or under the path of our public URL. */
  readonly requestTarget?: string;
  readonly rawHeaders: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly receivedAtMs: number;
  /** Address that partners sign, before `url`: scheme, host, and a path where we are reached under one. */
  readonly publicOrigin: string;
}

/** Authentic (with the fingerprint of the credential that was accepted), or not (and why, in a word). */
export type Authentication =
  | {
      readonly ok: true;
      readonly verdict: AuthenticityResult;
      readonly fingerprint: string | null;
      /** The target URI that was signed; absent where none is. */
      readonly targetUri?: string;
    }
  | { readonly ok: false; readonly reason: string; readonly credentialPresent: boolean };

/** Decides whether a request comes from the partner; in constant time where it compares secrets. */
export type Authenticate = (request: IncomingRequest) => Authentication | Promise<Authentication>;

/** IP addresses, single ones and ranges. */
export interface AddressList {
  /** True for an address within; false for what is no address. */
  readonly has: (address: string) => boolean;
}

/** Reception of a partner's webhooks. */
export interface PartnerReception {
  readonly authenticate: Authenticate;
  /** Addresses that its webhooks may come from; absent: any. */
  readonly addresses?: AddressList;
  /** Headers that hold the credential itself, in lower case: never stored, never logged. */
  readonly credentialHeaders: readonly string[];
  /** Signatures cover what was asked for, so it is kept beside the headers to verify them again. */
  readonly signsTarget?: true;
  /** Everything comes to `/webhooks/<partner>`, or may come there `too`; absent: to one further segment, which is the route. */
  readonly oneAddress?: true | 'too';
}

/** All values of a header, whatever its spelling. */
export function headerValues(request: IncomingRequest, name: string): readonly string[] {
  return request.rawHeaders.filter((pair) => pair[0].toLowerCase() === name).map((pair) => pair[1]);
}
