import { createVariableReader, type Environment } from '../../src/codecs/environment';
import { type Command, readConfiguration as readWith } from '../../src/config/configuration';
import { PARTNERS } from '../../src/partners';
import { readBitpandaVariables } from '../../src/partners/bitpanda/variables';
import { bitpanda } from '../../src/partners/bitpanda';
import { coinify } from '../../src/partners/coinify';
import { readCoinifyVariables } from '../../src/partners/coinify/variables';
import type { PartnerDecoder } from '../../src/partners/event';
import { type Partners, partnersOf } from '../../src/partners/partners';
import { tradevest } from '../../src/partners/tradevest';
import { readTradevestVariables } from '../../src/partners/tradevest/variables';

/** The partners of the project by name, as tests name them. */
export const MODULES = { tradevest, coinify, bitpanda };
export type KnownPartner = keyof typeof MODULES;

/** True for the name of one of them. */
export function isKnownPartner(name: string): name is KnownPartner {
  return Object.hasOwn(MODULES, name);
}

export const KNOWN_PARTNERS: readonly KnownPartner[] = Object.keys(MODULES).filter(isKnownPartner);

export const decoders: Readonly<Record<KnownPartner, PartnerDecoder>> = {
  tradevest: tradevest.decoder,
  coinify: coinify.decoder,
  bitpanda: bitpanda.decoder,
};

/** The tables of every partner, and the lookup among them. */
export const { lifecycleTables, lifecycleTableOf } = PARTNERS;

/** The partners of the project with decoders of a test’s own. */
export function partnersDecoding(decoderOf: (partner: string) => PartnerDecoder): Partners {
  return partnersOf(PARTNERS.modules.map((module) => ({ ...module, decoder: decoderOf(module.name) })));
}

/** The decoder of a partner among them. */
export function decoderOf(partners: Partners, name: KnownPartner): PartnerDecoder {
  return partners.module(name)?.decoder ?? decoders[name];
}

/** The same partners; one of them decodes otherwise. */
export function decodingOtherwise(partners: Partners, name: KnownPartner, decode: PartnerDecoder['decode']): Partners {
  const change = (decoder: PartnerDecoder): PartnerDecoder =>
    decoder.partner === name ? { ...decoder, decode } : decoder;
  return partnersOf(partners.modules.map((module) => ({ ...module, decoder: change(module.decoder) })));
}

export type { Command };

/** The configuration with the project’s partners, and their settings, which nobody else sees. Throws `ConfigurationError`. */
export function readConfiguration(environment: Environment, command: Command) {
  const read = createVariableReader(environment);
  return {
    ...readWith(environment, command, PARTNERS),
    tradevest: readTradevestVariables(read),
    coinify: readCoinifyVariables(read),
    bitpanda: readBitpandaVariables(read),
  };
}

export type Configuration = ReturnType<typeof readConfiguration>;
