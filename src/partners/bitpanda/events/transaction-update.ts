import * as t from 'io-ts';

import { ExactDecimal, machineWord, ObjectId, optional, timeAsSent } from '../../../codecs/primitives';
import { defineStateEvent } from '../../event';
import { AssetId, params, statusOf } from '../body';
import { bitpandaPayment } from '../lifecycles/payment';

const Body = params(
  t.intersection([
    t.type({ id: ObjectId, status: statusOf(bitpandaPayment) }),
    t.partial({
      type: t.unknown,
      fiat: optional(t.partial({ id: optional(AssetId), amount: optional(ExactDecimal) })),
      credited_at: t.unknown,
      errors: t.unknown,
    }),
  ]),
);
type Body = t.TypeOf<typeof Body>;

/**
 * A transaction of Crypto Pay ended. One printed sample is completed with an error, so that the errors are only its
 * reason and decide nothing.
 */
export const transactionUpdate = defineStateEvent({
  table: bitpandaPayment,
  event: 'transaction-update',
  body: Body,
  id: (body) => body.params.id,
  status: (body) => body.params.status,
  reason: reasonOf,
  changedAt: (body) => timeAsSent(body.params.credited_at),
  facts: ({ params: { type, fiat } }) => ({ type: machineWord(type), amount: fiat?.amount, currency: fiat?.id }),
  duplicateKey: ({ params: { id, status, fiat } }) => ({
    key: `transaction-update:${id}:${status}`,
    says: [fiat?.amount ?? null, fiat?.id ?? null],
  }),
});

const WithCode = t.type({ code: t.unknown });

/** Codes of the errors; their titles are sentences and stay in the delivery. */
function reasonOf({ params: { errors } }: Body): string | null {
  const entries: readonly unknown[] = Array.isArray(errors) ? errors : [];
  const codes = entries.flatMap((one) => (WithCode.is(one) ? (machineWord(one.code) ?? []) : []));
  return codes.length === 0 ? null : codes.join('.').slice(0, 100);
}
