import type { Partner } from '../domain/partner';
import { startBitpandaSimulator } from '../simulator/bitpanda/bitpanda-simulator';
import { startCoinifySimulator } from '../simulator/coinify/coinify-simulator';
import type { Simulator, SimulatorOptions } from '../simulator/server';
import { startTradevestSimulator } from '../simulator/tradevest/tradevest-simulator';
import type { DevelopmentCredentials } from './credentials';
import { createCleanupStack } from '../lib/cleanup-stack';

/** Simulated partners; null for one whose API URL is set: the real one, or another simulation. */
export type Simulators = Readonly<Record<Partner, Simulator | null>>;

/** Simulations of the partners whose API URL is not set: all of them or, where one fails, none. */
export async function startSimulators(
  environment: Readonly<Record<string, string | undefined>>,
  credentials: DevelopmentCredentials,
  common: SimulatorOptions,
): Promise<Simulators> {
  const cleanup = createCleanupStack();
  const unlessSet = async (name: string, start: () => Promise<Simulator>): Promise<Simulator | null> => {
    if (environment[name] !== undefined) return null;
    const simulator = await start();
    cleanup.add(() => simulator.stop());
    return simulator;
  };
  try {
    return await startEach(unlessSet, credentials, common);
  } catch (error) {
    await cleanup.stop();
    throw error;
  }
}

async function startEach(
  unlessSet: (name: string, start: () => Promise<Simulator>) => Promise<Simulator | null>,
  credentials: DevelopmentCredentials,
  common: SimulatorOptions,
): Promise<Simulators> {
  return {
    tradevest: await unlessSet('TRADEVEST_API_URL', () =>
      startTradevestSimulator({
        ...common,
        headers: credentials.tradevestHeaders,
        clientId: credentials.tradevestClientId,
        clientSecret: credentials.tradevestClientSecret,
        requestorId: credentials.tradevestRequestorId,
      }),
    ),
    coinify: await unlessSet('COINIFY_API_URL', () =>
      startCoinifySimulator({
        ...common,
        secret: credentials.coinifySecret,
        accessToken: credentials.coinifyAccessToken,
      }),
    ),
    bitpanda: await unlessSet('BITPANDA_API_URL', () =>
      startBitpandaSimulator({
        ...common,
        keyid: credentials.bitpanda.keyid,
        privateKeyPem: credentials.bitpanda.privateKeyPem,
        clientId: credentials.bitpandaClientId,
        clientSecret: credentials.bitpandaClientSecret,
      }),
    ),
  };
}
