import * as t from 'io-ts';

import { ChangeTime } from '../../../codecs/partner-times';
import { ExactDecimal, MachineWord, ObjectId, optional } from '../../../codecs/primitives';
import { side } from '../../../codecs/side-fields';
import { bitpandaOrder } from '../lifecycles/order';
import { unitOf } from '../../details';
import { defineStateEvent } from '../../event';
import { isTestDomain } from '../test-domain';
import { AssetId, params, statusOf, userHint } from '../body';

const Body = params(
  t.intersection([
    t.type({ trade_id: ObjectId, status: statusOf(bitpandaOrder) }),
    t.partial({
      user_id: side(ObjectId),
      asset_id: side(AssetId),
      fiat_id: side(AssetId),
      asset_amount: optional(ExactDecimal),
      fiat_amount: optional(ExactDecimal),
      fail_reason: side(MachineWord),
      type: side(MachineWord),
      domain_slug: side(MachineWord),
      created_at: side(ChangeTime, { unkeptBecause: 'the order ended, and began when it was placed' }),
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
  reason: (body) => body.params.fail_reason ?? null,
  executions: ({ params: { asset_amount: quantity, fiat_amount: amount } }) =>
    quantity ? [{ quantity, price: null, amount: amount ?? null }] : [],
  readHints: userHint,
  facts: ({ params: body }) => ({
    asset: body.asset_id,
    fiat: body.fiat_id,
    sandbox: body.domain_slug && isTestDomain(body.domain_slug) ? 'true' : null,
  }),
  details: ({ params: body }) => ({
    userId: body.user_id,
    side: body.type,
    sandbox: body.domain_slug && isTestDomain(body.domain_slug) ? body.domain_slug : null,
    amounts: [
      ['quantity', body.asset_amount, unitOf('asset', body.asset_id)],
      ['gross', body.fiat_amount, unitOf('fiat', body.fiat_id)],
    ],
  }),
  duplicateKey: ({ params: body }) => ({
    key: `automated-order:${body.trade_id}:${body.status}`,
    says: [body.user_id ?? null, body.asset_amount ?? null, body.fiat_amount ?? null],
  }),
});
