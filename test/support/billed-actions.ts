import { setTimeout as delay } from 'node:timers/promises';

import { request } from 'undici';

import type { RunningTemporal } from '../../src/development/temporal';

/** Interval at which the server adds its counts to its metrics. */
const REPORTING_MS = 1_000;

async function reported(metricsUrl: string, namespace: string): Promise<number> {
  const { body } = await request(metricsUrl);
  const lines = (await body.text()).split('\n');
  const ofNamespace = lines.filter((line) => line.startsWith('action{') && line.includes(`namespace="${namespace}"`));
  return ofNamespace.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** Number of actions that the server would bill for a namespace, once nothing is added to it any more. */
export async function billedActions({ metricsUrl }: RunningTemporal, namespace: string): Promise<number> {
  for (let before = -1; ;) {
    await delay(2 * REPORTING_MS);
    const now = await reported(metricsUrl, namespace);
    if (now === before) return now;
    before = now;
  }
}
