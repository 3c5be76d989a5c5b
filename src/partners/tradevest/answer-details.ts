import * as t from 'io-ts';

import { unreadIn } from '../../codecs/body-fields';
import { decode } from '../../codecs/decode';
import { parseJson } from '../../codecs/json';
import { ChangeTime } from '../../codecs/partner-times';
import { ExactDecimal, MachineWord, ObjectId, OwnReference, Text } from '../../codecs/primitives';
import { side } from '../../codecs/side-fields';
import type { SubjectDetails } from '../../domain/details';
import { presentDetails } from '../details';
import type { PartnerAnswer } from '../http-client';
import type { ObjectAnswer } from '../reading';
import { reasonOf, ValidationError } from './object-body';

/** Fields that answers about objects may have beside their state. */
const Fields = t.partial({
  customerId: side(ObjectId),
  naturalPersonId: side(ObjectId),
  userId: side(ObjectId),
  customerProductId: side(ObjectId),
  quoteId: side(ObjectId),
  documentId: side(ObjectId),
  externalId: side(OwnReference),
  modifiedOn: side(ChangeTime),
  validationError: side(ValidationError),
  rejectReason: side(MachineWord),
  reason: side(MachineWord),
  message: side(MachineWord),
  tradeSide: side(MachineWord),
  side: side(MachineWord),
  orderType: side(MachineWord),
  isin: side(MachineWord),
  currency: side(Text),
  expiryDate: side(Text),
  quantity: side(ExactDecimal),
  amount: side(ExactDecimal),
  fee: side(ExactDecimal),
  fees: side(ExactDecimal),
  taxes: side(ExactDecimal),
  limitPrice: side(ExactDecimal),
  stopPrice: side(ExactDecimal),
});

const Answer = t.intersection([Fields, t.partial({ transfer: side(Fields) })]);

/** Details and unread fields of an answer about an object beside its state; none where it is no object. */
export function besideState({ body }: PartnerAnswer): Pick<ObjectAnswer, 'details' | 'unread'> {
  const json = parseJson(body);
  const answer = json.ok ? decode(Answer, json.value) : json;
  if (!json.ok || !answer.ok) return { details: {}, unread: [] };
  const { transfer, ...own } = answer.value;
  return { details: detailsOf({ ...own, ...transfer }), unread: unreadIn(Answer, json.value) };
}

function detailsOf(fields: t.TypeOf<typeof Fields>): SubjectDetails {
  const { currency, customerProductId, quoteId, documentId, isin, orderType, expiryDate } = fields;
  return presentDetails({
    userId: fields.customerId ?? fields.naturalPersonId ?? fields.userId,
    reference: fields.externalId,
    reason: fields.rejectReason ?? fields.reason ?? reasonOf(fields) ?? fields.message,
    changedAt: fields.modifiedOn,
    side: fields.tradeSide ?? fields.side,
    amounts: [
      ['quantity', fields.quantity],
      ['gross', fields.amount, currency],
      ['fee', fields.fee ?? fields.fees, currency],
      ['tax', fields.taxes, currency],
      ['limit-price', fields.limitPrice, currency],
      ['stop-price', fields.stopPrice, currency],
    ],
    facts: { customerProductId, quoteId, documentId, isin, orderType, expiryDate },
  });
}
