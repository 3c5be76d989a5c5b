import type { Script } from '../script';
import { coinifyBad, coinifyWell } from './coinify';
import { tradevestReads } from './tradevest-reads';
import { tradevestWebhooks } from './tradevest-webhooks';
import { tradevestWell } from './tradevest-well';

export const tradevestScripts: readonly Script[] = [...tradevestWell, ...tradevestWebhooks, ...tradevestReads];
export const coinifyScripts: readonly Script[] = [...coinifyWell, ...coinifyBad];

/** Every script there is; `Script.objects` says how many objects of a demonstration take it. */
export const catalogue: readonly Script[] = [...tradevestScripts, ...coinifyScripts];

/** One entry for every object of a demonstration. */
export const demonstration: readonly Script[] = catalogue.flatMap((script) =>
  Array.from({ length: script.objects }, () => script),
);
