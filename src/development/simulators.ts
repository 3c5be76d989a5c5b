import type { Partner } from '../domain/partner';
import { createCleanupStack } from '../lib/cleanup-stack';
import { SIMULATED_PARTNERS } from '../simulator';
import type { Simulator, SimulatorOptions } from '../simulator/server';
import type { DevelopmentCredentials } from './credentials';

/** Simulated partners; null for one whose API URL is set: the real one, or another simulation. */
export type Simulators = Readonly<Record<Partner, Simulator | null>>;

/** Simulations of the partners whose API URL is not set: all of them or, where one fails, none. */
export async function startSimulators(
  environment: Readonly<Record<string, string | undefined>>,
  { partners }: DevelopmentCredentials,
  common: SimulatorOptions,
): Promise<Simulators> {
  const cleanup = createCleanupStack();
  const simulators: Record<Partner, Simulator | null> = {};
  try {
    for (const { name, apiUrlVariable } of SIMULATED_PARTNERS) {
      const isSet = environment[apiUrlVariable] !== undefined;
      const simulator = isSet ? null : ((await partners.get(name)?.start(common)) ?? null);
      if (simulator !== null) cleanup.add(() => simulator.stop());
      simulators[name] = simulator;
    }
    return simulators;
  } catch (error) {
    await cleanup.stop();
    throw error;
  }
}
