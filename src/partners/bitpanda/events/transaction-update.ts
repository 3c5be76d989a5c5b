import * as t from 'io-ts';

import { ChangeTime } from '../../../codecs/partner-times';
import { ExactDecimal, MachineWord, ObjectId, optional } from '../../../codecs/primitives';
import { sealed, side } from '../../../codecs/side-fields';
import { unitOf } from '../../details';
import { defineStateEvent } from '../../event';
import { AssetId, params, statusOf } from '../body';
import { bitpandaPayment } from '../lifecycles/payment';

const Fiat = t.partial({ id: side(AssetId), amount: optional(ExactDecimal) });

const Problem = t.partial({ code: side(MachineWord), title: sealed('it is a sentence, the code says the same') });

const Body = params(
  t.intersection([
    t.type({ id: ObjectId, status: statusOf(bitpandaPayment) }),
    t.partial({
      type: side(MachineWord),
      fiat: side(Fiat),
      credited_at: side(ChangeTime),
      errors: side(t.array(side(Problem))),
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
  changedAt: (body) => body.params.credited_at,
  facts: ({ params: { type, fiat } }) => ({ type, amount: fiat?.amount, currency: fiat?.id }),
  details: ({ params: { type, fiat } }) => ({
    side: type,
    amounts: [['gross', fiat?.amount, unitOf('fiat', fiat?.id)]],
  }),
  duplicateKey: ({ params: { id, status, fiat } }) => ({
    key: `transaction-update:${id}:${status}`,
    says: [fiat?.amount ?? null, fiat?.id ?? null],
  }),
});

/** Codes of the errors. */
function reasonOf({ params: { errors } }: Body): string | null {
  const codes = (errors ?? []).flatMap((error) => error?.code ?? []);
  return codes.length === 0 ? null : codes.join('.').slice(0, 100);
}
