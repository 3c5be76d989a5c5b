import type { VariableReader } from '../codecs/environment';
import type { LifecycleTable } from '../domain/lifecycles/table';
import type { Partner } from '../domain/partner';
import type { TrustedKey } from '../domain/trusted-key';
import { readAddressList } from './addresses';
import type { PartnerReception } from './authentication';
import type { PartnerClient } from './client';
import type { PartnerDecoder, PartnerEvent } from './event';
import type { PartnerEvidence } from './evidence';

/** Names of a partner's variables by what they are for. */
export interface PartnerVariables {
  /** By which its webhooks are authenticated: unset, the partner is off. */
  readonly webhooks: string;
  /** By which they are authenticated in another way. */
  readonly otherWebhooks?: readonly string[];
  /** The addresses they may come from. */
  readonly addresses?: string;
  /** By which its objects are read; the first is the URL of its API. */
  readonly reads: readonly [apiUrl: string, ...more: string[]];
  /** Those of them that a worker cannot do without, as a complaint names them. */
  readonly needed: readonly string[];
}

/** Facts of a partner that no setting changes. */
interface PartnerFacts {
  /** The word in its routes, workflow ids and rows: lower case, digits and `-`. */
  readonly name: Partner;
  /** Its name as people write it. */
  readonly title: string;
  /** Folder of the module; `lifecycles/` below it is part of the workflow bundle. */
  readonly folder: string;
  /** Lifecycles of the kinds of its objects. */
  readonly lifecycles: readonly LifecycleTable[];
  readonly events: readonly PartnerEvent[];
  readonly decoder: PartnerDecoder;
  readonly variables: PartnerVariables;
}

/** A partner as its folder defines it. Its settings are its own: nobody else sees what they are. */
export interface PartnerDefinition<Settings> extends PartnerFacts {
  /** Settings from the partner's variables; whatever is wrong is complained about. */
  readonly readVariables: (read: VariableReader) => Settings;
  /** Null where its webhooks are not received. */
  readonly reception: (settings: Settings) => PartnerReception | null;
  /** Decoder where a setting changes what is understood; absent: that of the partner. */
  readonly configuredDecoder?: (settings: Settings) => PartnerDecoder;
  /** Sentences about settings that hold now, and that everybody has to see as long as they do. */
  readonly notices?: (settings: Settings) => readonly string[];
  /** Null where its objects are not read. */
  readonly client: (settings: Settings) => PartnerClient | null;
  readonly evidence: (settings: Settings) => PartnerEvidence;
  /** Public keys that are worth keeping for evidence; absent for a partner that signs with none. Null where it is off. */
  readonly trustedKeys?: (settings: Settings) => readonly TrustedKey[] | null;
}

/** A partner as it is configured; each part is made anew where it is asked for. */
export interface ConfiguredPartner {
  readonly name: Partner;
  readonly decoder: PartnerDecoder;
  /** Null where its webhooks are not received. */
  readonly reception: () => PartnerReception | null;
  /** True for an address that its webhooks may come from. */
  readonly isFrom: (address: string) => boolean;
  /** Sentences about settings that hold now, and that everybody has to see as long as they do. */
  readonly notices: () => readonly string[];
  /** Null where its objects are not read. */
  readonly client: () => PartnerClient | null;
  readonly evidence: () => PartnerEvidence;
  /** Null where there is nothing to note. */
  readonly trustedKeys: () => readonly TrustedKey[] | null;
}

/** All that is known of a partner, as one value. */
export interface PartnerModule extends PartnerFacts {
  /** The partner as its variables configure it; whatever is wrong is complained about. */
  readonly configure: (read: VariableReader) => ConfiguredPartner;
}

/** The module of a definition: the type of its settings stays inside. */
export function definePartner<Settings>(definition: PartnerDefinition<Settings>): PartnerModule {
  const { name, title, folder, lifecycles, events, decoder, variables } = definition;
  return {
    ...{ name, title, folder, lifecycles, events, decoder, variables },
    configure(read) {
      const settings = definition.readVariables(read);
      const addresses = variables.addresses === undefined ? null : readAddressList(read, variables.addresses);
      return {
        name,
        decoder: definition.configuredDecoder?.(settings) ?? decoder,
        reception: () => {
          const reception = definition.reception(settings);
          return reception === null || addresses === null ? reception : { ...reception, addresses };
        },
        isFrom: (address) => addresses?.has(address) !== false,
        notices: () => definition.notices?.(settings) ?? [],
        client: () => definition.client(settings),
        evidence: () => definition.evidence(settings),
        trustedKeys: () => definition.trustedKeys?.(settings) ?? null,
      };
    },
  };
}
