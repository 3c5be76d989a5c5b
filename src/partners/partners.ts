import type { LifecycleTable } from '../domain/lifecycles/table';
import type { Partner } from '../domain/partner';
import type { ConfiguredPartner, PartnerModule } from './partner-module';

/** The partners there are, looked up by name. */
export interface Partners {
  readonly modules: readonly PartnerModule[];
  readonly names: readonly Partner[];
  /** Lifecycle tables of the kinds of object of all partners. */
  readonly lifecycleTables: readonly LifecycleTable[];
  /** Undefined for a name that is no partner's. */
  readonly module: (name: string) => PartnerModule | undefined;
  /** The rules of a partner's kind of object; undefined where nothing is followed. */
  readonly lifecycleTableOf: (partner: string, object: string) => LifecycleTable | undefined;
}

/** The same partners, each with the decoder that its settings call for. */
export function withDecoders({ modules }: Partners, configured: readonly ConfiguredPartner[]): Partners {
  const decoders = new Map(configured.map(({ name, decoder }) => [name, decoder]));
  return partnersOf(modules.map((module) => ({ ...module, decoder: decoders.get(module.name) ?? module.decoder })));
}

/** Lookups over a list of modules. */
export function partnersOf(modules: readonly PartnerModule[]): Partners {
  const lifecycleTables = modules.flatMap(({ lifecycles }) => lifecycles);
  const byName = new Map(modules.map((module) => [module.name, module]));
  const byObject = new Map(lifecycleTables.map((table) => [`${table.partner}:${table.object}`, table]));
  return {
    modules,
    names: modules.map(({ name }) => name),
    lifecycleTables,
    module: (name) => byName.get(name),
    lifecycleTableOf: (partner, object) => byObject.get(`${partner}:${object}`),
  };
}
