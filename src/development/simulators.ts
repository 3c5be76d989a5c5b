import type { Partner } from '../domain/partner';
import type { CleanupStack } from '../lib/cleanup-stack';
import { SIMULATED_PARTNERS } from '../simulator';
import type { Simulator, SimulatorOptions } from '../simulator/server';
import type { DevelopmentCredentials } from './credentials';

/** Simulated partners; null for one whose API URL is set: the real one, or another simulation. */
export type Simulators = Readonly<Record<Partner, Simulator | null>>;

/** Simulations of the partners whose API URL is not set; each ends with the cleanup stack, also where a later one fails. */
export async function startSimulators(
  environment: Readonly<Record<string, string | undefined>>,
  { partners }: DevelopmentCredentials,
  common: SimulatorOptions,
  cleanup: CleanupStack,
): Promise<Simulators> {
  const simulators: Record<Partner, Simulator | null> = {};
  for (const { name, apiUrlVariable } of SIMULATED_PARTNERS) {
    const isSet = environment[apiUrlVariable] !== undefined;
    const simulator = isSet ? null : ((await partners.get(name)?.start(common)) ?? null);
    if (simulator !== null) cleanup.add(() => simulator.stop());
    simulators[name] = simulator;
  }
  return simulators;
}
