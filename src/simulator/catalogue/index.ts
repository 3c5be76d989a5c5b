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

/** Scripts of a Tradevest. */
export const tradevestScripts: readonly Script[] = [
  ...[...tradevestWell, ...tradevestWebhooks, ...tradevestReads],
  ...[...tradevestTransfers, ...tradevestPeople, ...tradevestPapers],
];
/** Scripts of a Coinify. */
export const coinifyScripts: readonly Script[] = [...coinifyWell, ...coinifyBad, ...coinifyIdentifications];

/** Scripts of a Bitpanda. */
export const bitpandaScripts: readonly Script[] = [...bitpandaFollowed, ...bitpandaPlans, ...bitpandaCorporateActions];

/** Scripts of all partners; `Script.objects` is the number of a demonstration's objects that take one. */
export const catalogue: readonly Script[] = [...tradevestScripts, ...coinifyScripts, ...bitpandaScripts];

/** Scripts of a demonstration, one entry for every object. */
export const demonstration: readonly Script[] = catalogue.flatMap((script) =>
  Array.from({ length: script.objects }, () => script),
);
