import type { Decoder } from 'io-ts';
import * as t from 'io-ts';

import { machineWord, ObjectId, optional } from '../../codecs/primitives';
import { side } from '../../codecs/side-fields';
import type { LifecycleTable } from '../../domain/lifecycles/table';
import { tradevestIdentification } from './lifecycles/identification';
import { tradevestOffboarding } from './lifecycles/offboarding';
import { tradevestOnboarding } from './lifecycles/onboarding';
import { tradevestDocument } from './lifecycles/document';
import { tradevestSearch } from './lifecycles/search';
import { tradevestSavingsPlan } from './lifecycles/savings-plan';
import { tradevestStrategy } from './lifecycles/strategy';
import { tradevestProduct } from './lifecycles/product';
import { tradevestBeneficialOwner } from './lifecycles/beneficial-owner';
import { tradevestCustomer } from './lifecycles/customer';
import { tradevestNaturalPerson } from './lifecycles/natural-person';
import { tradevestProxy } from './lifecycles/proxy';
import { tradevestTransfer } from './lifecycles/transfer';
import { tradevestUser } from './lifecycles/user';
import type { Reading } from '../../domain/reading';
import { decodeAnswer, type PartnerAnswer } from '../http-client';
import { ReadFailure } from '../reading';
import { reasonOf, ValidationError } from './object-body';
import { OrderAnswer, toReading } from './order-answer';
import { statusOf } from './statuses';

type ObjectReading = Extract<Reading, { kind: 'object' }>;

/** Mapping of a response of 200 to a reading of the object. Throws `ReadFailure` where it cannot be decoded. */
export type AnswerMapper = (answer: PartnerAnswer) => Reading;

function mapped<A>(what: string, codec: Decoder<unknown, A>, toReading: (answer: A) => Reading): AnswerMapper {
  return (answer) => toReading(decodeAnswer(codec, answer, what));
}

function objectReading(status: string, reason: string | null): ObjectReading {
  return { kind: 'object', status, executions: [], quantityExecuted: null, reason };
}

/** Least answer of most objects. */
function answerOf(table: LifecycleTable) {
  return t.intersection([t.type({ status: statusOf(table) }), t.partial({ validationError: side(ValidationError) })]);
}

function stateOf(what: string, table: LifecycleTable): AnswerMapper {
  return mapped(what, answerOf(table), (answer) => objectReading(answer.status, reasonOf(answer)));
}

const identification = mapped(
  'the identification',
  t.intersection([answerOf(tradevestIdentification), t.partial({ documentId: optional(ObjectId) })]),
  (answer) => {
    const { documentId } = answer;
    return { ...objectReading(answer.status, reasonOf(answer)), ...(documentId ? { facts: { documentId } } : {}) };
  },
);

const Ids = optional(t.array(ObjectId));

const onboarding = mapped(
  'the onboarding',
  t.intersection([
    answerOf(tradevestOnboarding),
    t.partial({
      customerId: optional(ObjectId),
      naturalPersonIds: Ids,
      proxyIds: Ids,
      beneficialOwnerIds: Ids,
      documentIds: Ids,
    }),
  ]),
  (answer) => {
    const words = [
      ...(answer.customerId ? [`customer:${answer.customerId}`] : []),
      ...(answer.naturalPersonIds ?? []).map((id) => `natural-person:${id}`),
      ...(answer.proxyIds ?? []).map((id) => `proxy:${id}`),
      ...(answer.beneficialOwnerIds ?? []).map((id) => `beneficial-owner:${id}`),
      ...(answer.documentIds ?? []).map((id) => `document:${id}`),
    ];
    const named = Object.fromEntries(words.map((word) => [word, null]));
    return { ...objectReading(answer.status, reasonOf(answer)), named };
  },
);

/** Why somebody leaves, which also says how soon it is done; that the field is called so is assumed. */
const offboarding = mapped(
  'the offboarding',
  t.intersection([answerOf(tradevestOffboarding), t.partial({ reason: t.unknown })]),
  (answer) => objectReading(answer.status, machineWord(answer.reason) ?? reasonOf(answer)),
);

const TransferStatus = statusOf(tradevestTransfer);

/** The documented shape has the object inside `transfer`; the plain one is accepted like everywhere else. */
const TransferAnswer = t.partial({
  transfer: optional(t.partial({ transferStatus: optional(TransferStatus), rejectReason: t.unknown })),
  status: optional(TransferStatus),
  rejectReason: t.unknown,
});

const transfer = mapped('the transfer', TransferAnswer, (answer) => {
  const status = answer.transfer?.transferStatus ?? answer.status ?? null;
  if (status === null) {
    throw new ReadFailure('undecodable', 'the transfer: transfer.transferStatus: expected a status, found missing');
  }
  return objectReading(status, machineWord(answer.transfer?.rejectReason) ?? machineWord(answer.rejectReason));
});

/** Its webhook names no status and none is owed: having been read is all, a status is kept only to be seen. */
const partnerDocument = mapped('the partner document', t.partial({ status: t.unknown }), ({ status }) =>
  objectReading(machineWord(status) ?? '', null),
);

/** Its reason stands in `message`, the same word as in the webhook. */
const savingsPlan = mapped(
  'the savings plan',
  t.intersection([t.type({ status: statusOf(tradevestSavingsPlan) }), t.partial({ message: t.unknown })]),
  ({ status, message }) => objectReading(status, machineWord(message)),
);

/** Mappings of the responses about each kind of object, by the middle word of the workflow id. */
export const ANSWERS: Readonly<Record<string, AnswerMapper>> = {
  order: mapped('the order', OrderAnswer, toReading),
  customer: stateOf('the customer', tradevestCustomer),
  'natural-person': stateOf('the natural person', tradevestNaturalPerson),
  identification,
  onboarding,
  proxy: stateOf('the proxy', tradevestProxy),
  'beneficial-owner': stateOf('the beneficial owner', tradevestBeneficialOwner),
  product: stateOf('the product', tradevestProduct),
  user: stateOf('the user', tradevestUser),
  offboarding,
  transfer,
  document: stateOf('the document', tradevestDocument),
  'partner-document': partnerDocument,
  search: stateOf('the search', tradevestSearch),
  strategy: stateOf('the strategy', tradevestStrategy),
  'savings-plan': savingsPlan,
};
