import type { Partner } from '../domain/notification';
import { startBitpandaSimulator } from '../simulator/bitpanda/bitpanda-simulator';
import { startCoinifySimulator } from '../simulator/coinify/coinify-simulator';
import type { Simulator, SimulatorOptions } from '../simulator/server';
import { startTradevestSimulator } from '../simulator/tradevest/tradevest-simulator';
import type { DevelopmentCredentials } from './credentials';

/** The simulated partners; null is one whose API URL is set: the real one, or somebody else's. */
export type Simulators = Readonly<Record<Partner, Simulator | null>>;

/** Starts the partners whose API URL is not set. */
export async function startSimulators(
  environment: Readonly<Record<string, string | undefined>>,
  credentials: DevelopmentCredentials,
  common: SimulatorOptions,
): Promise<Simulators> {
  const unlessSet = async (name: string, start: () => Promise<Simulator>): Promise<Simulator | null> =>
    environment[name] === undefined ? start() : null;
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
