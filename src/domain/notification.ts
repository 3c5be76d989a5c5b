import type { Booking } from './booking';
import type { Amount } from './details';
import type { SetSnapshot } from './lifecycles/corporate-actions/set-news';
import type { PlanNews } from './lifecycles/savings-plan/plan-news';
import { isStateLifecycle, type Lifecycle, type StateLifecycle } from './lifecycle';

/** One execution of an order as a partner reports it; decimal strings, null where it says nothing. */
export interface Execution {
  readonly quantity: string | null;
  readonly price: string | null;
  readonly amount: string | null;
}

/** A part of a notification that a person has to act on, whatever its state. */
export type CallToAct = 'action-required' | 'top-up-requested';

/**
 * The meaning of a delivery whose object is followed by its states, as the partner's folder decodes it.
 * Holds ids, statuses and amounts only: it becomes part of a workflow's history, where no personal data belongs.
 */
export interface StateContent {
  readonly lifecycle: StateLifecycle;
  readonly event: string;
  /** The partner's own word; null for a refused update, which changes no state (vendors.md §1.1). */
  readonly status: string | null;
  /** The machine-readable reason of a refusal (`errorType`, `rejectReason`); never its free text. */
  readonly reason: string | null;
  readonly executions: readonly Execution[];
  /** Words that a later read needs to find the object: its owner at the partner, or the kind of asset it is about. */
  readonly readHints: Readonly<Record<string, string>>;
  /** The partner's own time of the change, as sent; absent where it gives none. */
  readonly changedAt?: string;
  /** Details for operators beside the state, such as amounts and ids. */
  readonly facts?: Readonly<Record<string, string>>;
  /** Absent where none is told. */
  readonly amounts?: readonly Amount[];
  /** Related objects that the notification names, each `<object>:<id>`. */
  readonly named?: readonly string[];
  readonly callToAct?: CallToAct;
}

/** The meaning of a savings plan's webhook. */
export interface SavingsPlanContent {
  readonly lifecycle: 'savingsPlan';
  readonly event: string;
  readonly news: PlanNews;
  readonly readHints: Readonly<Record<string, string>>;
}

/** A movement of a corporate action: booked by dispatch, judged by its flow. */
export interface CorporateActionContent {
  readonly lifecycle: 'corporateAction';
  readonly event: string;
  readonly booking: Booking;
}

/** A message to the flow of a corporate action's set: a movement was booked, or the ledger says something else now. */
export interface CorporateActionNews {
  readonly lifecycle: 'corporateAction';
  readonly event: string;
  readonly news:
    | { readonly kind: 'movement'; readonly type: string }
    | { readonly kind: 'standing'; readonly standing: SetSnapshot };
}

/** The meaning of a delivery that is only written down, because nothing is owed after it. */
export interface RecordedContent {
  readonly lifecycle: 'recorded';
  readonly event: string;
  readonly status: string | null;
  readonly facts: Readonly<Record<string, string>>;
  readonly callToAct?: CallToAct;
  /** Absent where it moves nothing. */
  readonly booking?: Booking;
}

/** The meaning of a delivery; the variant's `lifecycle` is the workflow type it is sent to. */
export type NotificationContent = StateContent | SavingsPlanContent | CorporateActionContent | RecordedContent;

/** The booking of a delivery; undefined where it moves nothing. */
export function bookingOf(content: NotificationContent): Booking | undefined {
  return 'booking' in content ? content.booking : undefined;
}

/** True for the content of a delivery that moves holdings. */
export function hasBooking(
  content: NotificationContent,
): content is NotificationContent & { readonly booking: Booking } {
  return bookingOf(content) !== undefined;
}

/** The status that a delivery names; null where it names none. */
export function statusOf(content: NotificationContent): string | null {
  return 'status' in content ? content.status : null;
}

/** True for the content of a delivery whose object is followed by its states. */
export function isStateContent<C extends { readonly lifecycle: Lifecycle }>(
  content: C,
): content is Extract<C, { readonly lifecycle: StateLifecycle }> {
  return isStateLifecycle(content.lifecycle);
}

/** The content of deliveries that flows are told as they are: all but movements, which the ledger takes. */
export type ToldContent = StateContent | SavingsPlanContent;

/** The news of a subject that has ended for good. */
export type LateNews = ToldContent & Pick<Arrival, 'contradictsEarlier'>;

/** The part of a notification that says what happened. */
export type FlowNews = StateContent | SavingsPlanContent | CorporateActionNews;

/** The payload of the one signal that flows take: what happened, and by which delivery it is known. */
export type Notification = FlowNews & Arrival;

/** The delivery of a notification, and how it stands to earlier ones. */
export interface Arrival {
  readonly deliveryId: string;
  /** Time of reception, ISO 8601 UTC. */
  readonly receivedAt: string;
  /** True when an earlier delivery with the same event id had another meaning: illegal by itself, whatever the state. */
  readonly contradictsEarlier: boolean;
  /** A sweep found it: its webhook never came. */
  readonly isSwept?: true;
}
