import * as t from 'io-ts';

import { optional, Uuid } from '../../../codecs/primitives';
import { tradevestStrategy } from '../../../domain/lifecycles/tradevest-papers';
import { defineStateEvent } from '../../event';
import { change, changeOrRefusalOf } from '../object-body';

/** A strategy moved, or, with a subscriber, its subscription: that one is a subject of its own. */
export const strategy = defineStateEvent({
  table: tradevestStrategy,
  event: 'STRATEGY_NOTIFICATION',
  route: 'strategy-notification',
  body: t.intersection([
    t.type({ strategyId: Uuid }),
    t.partial({ subscriberId: optional(Uuid) }),
    changeOrRefusalOf(tradevestStrategy),
  ]),
  id: ({ strategyId, subscriberId }) => (subscriberId ? `${strategyId}:${subscriberId}` : strategyId),
  ...change,
});
