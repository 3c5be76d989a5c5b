import * as t from 'io-ts';

import { ExactDecimal, machineWord, ObjectId, optional } from '../../../codecs/primitives';
import { bitpandaOrder } from '../lifecycles/order';
import { defineStateEvent } from '../../event';
import { isTestDomain } from '../test-domain';
import { AssetId, params, statusOf, userHint } from '../body';

const Body = params(
  t.intersection([
    t.type({ trade_id: ObjectId, status: statusOf(bitpandaOrder) }),
    t.partial({
      user_id: optional(ObjectId),
      asset_id: optional(AssetId),
      fiat_id: optional(AssetId),
      asset_amount: optional(ExactDecimal),
      fiat_amount: optional(ExactDecimal),
      fail_reason: t.unknown,
      created_at: t.unknown,
      domain_slug: t.unknown,
    }),
  ]),
);

/** An automated order ended; amounts only when it finished, a reason only when it failed or the system cancelled it. */
export const automatedOrders = defineStateEvent({
  table: bitpandaOrder,
  event: 'automated-orders',
  body: Body,
  id: (body) => body.params.trade_id,
  status: (body) => body.params.status,
  reason: (body) => machineWord(body.params.fail_reason),
  executions: ({ params: { asset_amount: quantity, fiat_amount: amount } }) =>
    quantity ? [{ quantity, price: null, amount: amount ?? null }] : [],
  readHints: userHint,
  facts: ({ params: body }) => ({
    asset: body.asset_id,
    fiat: body.fiat_id,
    sandbox: typeof body.domain_slug === 'string' && isTestDomain(body.domain_slug) ? 'true' : null,
  }),
  duplicateKey: ({ params: body }) => ({
    key: `automated-order:${body.trade_id}:${body.status}`,
    says: [body.user_id ?? null, body.asset_amount ?? null, body.fiat_amount ?? null],
  }),
});
