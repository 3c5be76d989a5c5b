import { generateKeyPairSync, randomBytes } from 'node:crypto';

/** Secrets made up for one development run; none of them has a fixed value that could be mistaken for a default. */
export interface DevelopmentCredentials {
  readonly tradevestHeaders: Readonly<Record<string, string>>;
  readonly tradevestClientId: string;
  readonly tradevestClientSecret: string;
  readonly tradevestRequestorId: string;
  readonly coinifySecret: string;
  /** Access token for all traders, where no token URL issues one for each. */
  readonly coinifyAccessToken: string;
  readonly bitpanda: { readonly keyid: string; readonly privateKeyPem: string; readonly jwks: string };
  readonly bitpandaClientId: string;
  readonly bitpandaClientSecret: string;
  readonly operationsToken: string;
  /** Secret that alerts and outcomes are signed with, where a target is configured. */
  readonly alertWebhookSecret: string;
  readonly outboxWebhookSecret: string;
}

/** Credentials from the environment, with the missing ones made up. */
export function developmentCredentials(
  environment: Readonly<Record<string, string | undefined>>,
): DevelopmentCredentials {
  const made = (): string => randomBytes(18).toString('base64url');
  return {
    tradevestHeaders: firstAccepted(environment.TRADEVEST_WEBHOOK_HEADERS) ?? { 'api-key': made() },
    tradevestClientId: environment.TRADEVEST_CLIENT_ID ?? 'development',
    tradevestClientSecret: environment.TRADEVEST_CLIENT_SECRET ?? made(),
    tradevestRequestorId: environment.TRADEVEST_REQUESTOR_ID ?? '00000000-0000-4000-8000-000000000001',
    coinifySecret: environment.COINIFY_WEBHOOK_SECRETS?.split(',')[0] ?? made(),
    coinifyAccessToken: environment.COINIFY_ACCESS_TOKEN ?? made(),
    bitpanda: bitpandaKey(),
    bitpandaClientId: environment.BITPANDA_CLIENT_ID ?? 'development',
    bitpandaClientSecret: environment.BITPANDA_CLIENT_SECRET ?? made(),
    operationsToken: firstToken(environment.OPERATIONS_TOKENS) ?? made(),
    alertWebhookSecret: environment.ALERT_WEBHOOK_SECRET ?? made(),
    outboxWebhookSecret: environment.OUTBOX_WEBHOOK_SECRET ?? made(),
  };
}

function firstAccepted(json: string | undefined): Readonly<Record<string, string>> | null {
  const headers = parsed(json);
  if (typeof headers !== 'object' || headers === null) return null;
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]): [string, string] => [
      name,
      String(Array.isArray(values) ? values[0] : values),
    ]),
  );
}

/** JSON value, or null where there is no JSON: the configuration then reports the variable. */
function parsed(json: string | undefined): unknown {
  try {
    const value: unknown = JSON.parse(json ?? 'null');
    return value;
  } catch {
    return null;
  }
}

function bitpandaKey(): DevelopmentCredentials['bitpanda'] {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keyid = `development-${randomBytes(4).toString('hex')}`;
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: keyid, alg: 'ES256', use: 'sig' };
  return {
    keyid,
    privateKeyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    jwks: JSON.stringify({ keys: [jwk] }),
  };
}

function firstToken(json: string | undefined): string | null {
  const tokens = parsed(json);
  const token: unknown = typeof tokens === 'object' && tokens !== null ? Object.values(tokens)[0] : null;
  return typeof token === 'string' ? token : null;
}
