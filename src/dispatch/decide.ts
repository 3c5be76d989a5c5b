import { type BookedLeg, type Booking, decideBooking } from '../domain/booking';
import { kindOf } from '../domain/lifecycles/kinds';
import { type Arrival, hasBooking } from '../domain/notification';
import { recordedSubject } from '../domain/recorded';
import { type SubjectKey, workflowIdOf } from '../domain/subject-key';
import type { StoredSubject } from '../domain/subject-write';
import type { BookingRules } from '../ledger/book';
import type { Decoded } from '../partners/event';
import type { Claim } from '../store/deliveries/due';
import type { DuplicateCheck } from '../store/deliveries/event-keys';
import type { FlowAddress } from '../temporal/flow-client';
import type { Decision } from './decision';
import type { DecodedDelivery } from './decode';
import { afterFailure, decoderProblem, decryptionProblem } from './failure';

/** Rules by which deliveries are decided on. */
export interface DecisionRules extends BookingRules {
  /** Number of tries that may fail for a delivery alone before it is parked. */
  readonly mostTries: number;
}

/** The facts of the store on which a delivery is decided. */
export interface StoredFacts {
  /** Null where the delivery has no event id. */
  readonly duplicateCheck: DuplicateCheck | null;
  /** True where it has no event id and repeats, byte for byte, one that was illegal. */
  readonly repeatsIllegal: boolean;
  readonly stored: StoredSubject | null;
  /** The legs that the ledger holds under the id of its event. */
  readonly booked: readonly BookedLeg[];
  /** True where the subject has, or would get, a flow of its own; false where that of its corporate action follows it. */
  readonly hasOwnFlow: boolean;
}

/** The facts about a delivery of which the store knows nothing. */
export const NO_FACTS: StoredFacts = {
  duplicateCheck: null,
  repeatsIllegal: false,
  stored: null,
  booked: [],
  hasOwnFlow: true,
};

/**
 * The decision about one delivery: a duplicate by key and meaning, late by the store (the authority on what is closed,
 * because Temporal forgets after its retention), or news for its flow. Pure. Throws on a corporate action without a
 * booking, which no decoder makes.
 */
export function decide(delivery: DecodedDelivery, facts: StoredFacts, rules: DecisionRules): Decision {
  const { claim } = delivery;
  switch (delivery.kind) {
    case 'undecryptable':
      return afterFailure({ claim, event: null }, decryptionProblem(delivery.error), rules.mostTries);
    case 'failed':
      return afterFailure({ claim, event: null }, decoderProblem(delivery.failure), rules.mostTries);
    case 'undecodable': {
      const { event, problem } = delivery;
      return { claim, event, signal: null, kind: 'parked', workflowId: null, problem };
    }
    case 'decoded': {
      const { details, unread } = delivery.decoded;
      return { ...decideContent(claim, delivery.decoded, facts, rules), details, unread };
    }
  }
}

function decideContent(claim: Claim, decoded: Decoded, facts: StoredFacts, rules: BookingRules): Decision {
  const { event, subject, content } = decoded;
  const { duplicateCheck } = facts;
  const base = { claim, event, signal: null } as const;
  if (facts.repeatsIllegal || (duplicateCheck !== null && duplicateCheck.firstDeliveryId !== claim.id)) {
    return { ...base, kind: 'duplicate', workflowId: workflowIdOf(subject) };
  }
  const arrival = arrivalOf(claim, duplicateCheck);
  if (hasBooking(content)) return decideMovement(claim, decoded, content.booking, { arrival, facts, rules });
  if (content.lifecycle === 'recorded') {
    const recorded = recordedSubject(subject, content, arrival.receivedAt);
    const callToAct = content.callToAct ?? null;
    return { ...base, kind: 'recorded', subject: recorded, callToAct, isIllegal: arrival.contradictsEarlier };
  }
  const address = addressOf(subject, facts.stored, rules);
  if (address === null) {
    const problem = { path: 'event', expected: 'an event whose lifecycle is followed', found: event };
    return { ...base, kind: 'parked', workflowId: workflowIdOf(subject), problem };
  }
  if (facts.stored?.subject.closedForGood === true) {
    const { contradictsEarlier } = arrival;
    return { ...base, kind: 'late', address, news: { ...content, contradictsEarlier } };
  }
  const calendar = rules.policies.localCalendarOf?.(address.table) ?? null;
  const told = calendar === null ? content : kindOf(content.lifecycle).withTimes(content, calendar);
  return { ...base, kind: 'signalled', signal: { address, notification: { ...told, ...arrival } } };
}

function arrivalOf(claim: Claim, duplicateCheck: DuplicateCheck | null): Arrival {
  return {
    deliveryId: claim.id,
    receivedAt: claim.receivedAt.toISOString(),
    contradictsEarlier: duplicateCheck?.contradictsEarlier === true,
    ...(claim.source === 'sweep' ? { isSwept: true as const } : {}),
  };
}

function addressOf(
  key: SubjectKey,
  stored: StoredSubject | null,
  { partners, policies }: BookingRules,
): FlowAddress | null {
  const table = partners.lifecycleTableOf(key.partner, key.object);
  return table === undefined ? null : { key, table, policy: policies.policyOf(table), stored };
}

/**
 * A movement that is new is signalled to its flow before it is booked. The other way round a crash between the two would
 * leave a booked movement whose flow never judges it. The flow of a whole corporate action needs no signal: the booking
 * itself leaves it news, and it is woken beside dispatch.
 */
function decideMovement(
  claim: Claim,
  { event, subject, content }: Decoded,
  booking: Booking,
  { arrival, facts, rules }: { readonly arrival: Arrival; readonly facts: StoredFacts; readonly rules: BookingRules },
): Decision {
  const record = content.lifecycle === 'recorded' ? recordedSubject(subject, content, arrival.receivedAt) : null;
  const address = addressOf(subject, facts.stored, rules);
  const isFollowedAsAWhole = address !== null && !facts.hasOwnFlow;
  const entry = { claim, event, subject, booking, record, isFollowedAsAWhole };
  const isNew = decideBooking(booking, facts.booked).kind === 'new';
  const news = { kind: 'movement', type: booking.type } as const;
  const signal =
    address === null || isFollowedAsAWhole || !isNew
      ? null
      : { address, notification: { lifecycle: 'corporateAction', event, news, ...arrival } as const };
  return { claim, event, signal, kind: 'booked', entry };
}
