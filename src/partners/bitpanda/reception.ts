import type { PartnerReception } from '../authentication';
import { createStaticHeaderAuthenticate } from '../static-headers';
import { createBitpandaAuthenticate } from './authenticate';
import { observe } from './observe';
import type { BitpandaSettings } from './variables';

/**
 * Reception of Bitpanda's webhooks; null where it is off. Headers of our own are its second way, with one URL for all
 * (vendors.md §3.1); they never take the place of a signature where there are keys.
 */
export function bitpandaReception(settings: BitpandaSettings): PartnerReception | null {
  const { webhookKeys, webhookHeaders, observing, signatureMaxAgeSeconds: maxAgeSeconds } = settings;
  if (webhookKeys === null && webhookHeaders === null && observing === null) return null;
  const authenticate =
    webhookKeys === null && webhookHeaders !== null
      ? createStaticHeaderAuthenticate(webhookHeaders)
      : createBitpandaAuthenticate({ keys: webhookKeys ?? [], maxAgeSeconds });
  return {
    authenticate: observing === null ? authenticate : observe(authenticate, observing),
    credentialHeaders: Object.keys(webhookHeaders ?? {}),
    signsTarget: true,
    ...(webhookHeaders === null ? {} : { oneAddress: 'too' }),
  };
}
