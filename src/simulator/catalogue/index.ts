import type { Script } from '../script';
import { bitpandaFollowed } from './bitpanda';
import { bitpandaCorporateActions } from './bitpanda-corporate-actions';
import { bitpandaPlans } from './bitpanda-plans';
import { coinifyBad, coinifyWell } from './coinify';
import { coinifyIdentifications } from './coinify-identifications';
import { tradevestPapers } from './tradevest-papers';
import { tradevestPeople } from './tradevest-people';
import { tradevestReads } from './tradevest-reads';
import { tradevestTransfers } from './tradevest-transfers';
import { tradevestWebhooks } from './tradevest-webhooks';
import { tradevestWell } from './tradevest-well';

export const tradevestScripts: readonly Script[] = [
  ...[...tradevestWell, ...tradevestWebhooks, ...tradevestReads],
  ...[...tradevestTransfers, ...tradevestPeople, ...tradevestPapers],
];
export const coinifyScripts: readonly Script[] = [...coinifyWell, ...coinifyBad, ...coinifyIdentifications];

export const bitpandaScripts: readonly Script[] = [...bitpandaFollowed, ...bitpandaPlans, ...bitpandaCorporateActions];

/** Every script there is; `Script.objects` says how many objects of a demonstration take it. */
export const catalogue: readonly Script[] = [...tradevestScripts, ...coinifyScripts, ...bitpandaScripts];

/** One entry for every object of a demonstration. */
export const demonstration: readonly Script[] = catalogue.flatMap((script) =>
  Array.from({ length: script.objects }, () => script),
);
