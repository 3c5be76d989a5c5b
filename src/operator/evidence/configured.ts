import type { BitpandaKey } from '../../partners/bitpanda/authenticate';
import type { EvidenceDependencies } from './evidence';

/** The part of the configuration that says what webhooks are verified with. */
interface Receiving {
  readonly tradevest: { readonly webhookHeaders: Readonly<Record<string, readonly string[]>> | null };
  readonly coinify: { readonly webhookSecrets: readonly string[] | null };
  readonly bitpanda: { readonly webhookKeys: readonly BitpandaKey[] | null; readonly signatureMaxAgeSeconds: number };
  readonly receiver: { readonly publicUrl: string | null };
}

/** What is configured now, as evidence is verified with; a partner that is off has nothing configured. */
export function evidenceOptions({
  tradevest,
  coinify,
  bitpanda,
  receiver,
}: Receiving): EvidenceDependencies['configured'] {
  return {
    bitpandaKeys: bitpanda.webhookKeys ?? [],
    signatureMaxAgeSeconds: bitpanda.signatureMaxAgeSeconds,
    coinifySecrets: coinify.webhookSecrets ?? [],
    tradevestHeaders: tradevest.webhookHeaders ?? {},
    publicUrl: receiver.publicUrl,
  };
}
