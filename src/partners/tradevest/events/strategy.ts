import * as t from 'io-ts';

import { IdPart, optional } from '../../../codecs/primitives';
import { tradevestStrategy } from '../lifecycles/strategy';
import { defineStateEvent } from '../../event';
import { change, changeOf } from '../object-body';

/** A strategy moved, or, with a subscriber, its subscription: that one is a subject of its own. */
export const strategy = defineStateEvent({
  table: tradevestStrategy,
  event: 'STRATEGY_NOTIFICATION',
  route: 'strategy-notification',
  body: t.intersection([
    t.type({ strategyId: IdPart }),
    t.partial({ subscriberId: optional(IdPart) }),
    changeOf(tradevestStrategy),
  ]),
  id: ({ strategyId, subscriberId }) => (subscriberId ? `${strategyId}:${subscriberId}` : strategyId),
  ...change,
});
