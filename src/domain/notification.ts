import type { SetStanding } from './corporate-actions/set-news';

/** The partners that report by webhook; also the first word of every workflow id. */
export const PARTNERS = ['tradevest', 'coinify', 'bitpanda'] as const;
export type Partner = (typeof PARTNERS)[number];

/** True for the name of a partner. */
export function isPartner(name: string): name is Partner {
  return PARTNERS.some((partner) => partner === name);
}

/** What the receiver found when it verified a delivery: fully authentic, or authentic but too old to act on. */
export type Verdict = 'authentic' | 'signature-too-old';

/** What a subject is: which partner's object, of which kind, with which id (UUIDs in lower case). */
export interface SubjectKey {
  readonly partner: Partner;
  /** The middle word of the workflow id, e.g. `order`, `trade`, `otc-trade`. */
  readonly object: string;
  readonly id: string;
}

/** How a subject is followed: the name of its workflow type, or `recorded` where nothing is owed. */
export const LIFECYCLES = [
  'order',
  'transfer',
  'onboarding',
  'document',
  'savingsPlan',
  'corporateAction',
  'recorded',
] as const;
export type Lifecycle = (typeof LIFECYCLES)[number];

/** One execution of an order as a partner reports it; decimal strings, null where it says nothing. */
export interface Execution {
  readonly quantity: string | null;
  readonly price: string | null;
  readonly amount: string | null;
}

/** Something in a notification that a person has to act on, whatever its state. */
export type CallToAct = 'action-required' | 'top-up-requested';

/**
 * What the partner's folder says a delivery means, before dispatch adds which delivery it was.
 * Holds ids, statuses and amounts only: it becomes part of a workflow's history, where no personal data belongs.
 */
export interface StateContent {
  readonly lifecycle: 'order' | 'transfer' | 'onboarding' | 'document';
  readonly event: string;
  /** The partner's own word; null for a refused update, which changes no state (vendors.md §1.1). */
  readonly status: string | null;
  /** The machine-readable reason of a refusal (`errorType`, `rejectReason`); never its free text. */
  readonly reason: string | null;
  readonly executions: readonly Execution[];
  /** What a later read needs to find the object: Coinify `traderId`, Tradevest `asset` digital or traditional. */
  readonly readHints: Readonly<Record<string, string>>;
  /** The partner's own time of the change, as sent; absent where it gives none. */
  readonly changedAt?: string;
  /** Amounts and ids an operator wants to see beside the state. */
  readonly facts?: Readonly<Record<string, string>>;
  /** Objects the notification names without being theirs, each `<object>:<id>`. */
  readonly named?: readonly string[];
  readonly callToAct?: CallToAct;
}

/** What a savings plan's webhook says of one recurrence, or of the plan as a whole. */
export type PlanNews =
  | {
      readonly kind: 'upcoming';
      readonly transactionId: string;
      readonly userId: string;
      readonly amount: string;
      readonly currency: string;
      /** Times as the partner sent them: never scaled. */
      readonly deadline: string;
      readonly nextRecurrence: string | null;
      /** weekly, biweekly, monthly. */
      readonly frequency: string | null;
    }
  | {
      readonly kind: 'final';
      readonly transactionId: string;
      /** The partner's own word: finished, not_confirmed. */
      readonly status: string;
      readonly reason: string | null;
    }
  | { readonly kind: 'auto-cancel'; readonly reason: string | null };

/** A savings plan's webhook. */
export interface SavingsPlanContent {
  readonly lifecycle: 'savingsPlan';
  readonly event: string;
  readonly news: PlanNews;
  readonly readHints: Readonly<Record<string, string>>;
}

/** One leg of a booking as the partner says it. */
export interface BookingLeg {
  /** Unique in the event: `asset` or `fiat`, or the leg's own id inside a crypto action. */
  readonly leg: string;
  /** `asset:<id>` or `fiat:<id>`, as the partner wrote the id. */
  readonly instrument: string;
  /** Signed decimal; 0 books nothing. */
  readonly amount: string;
  readonly direction: string | null;
  readonly assetGroup: string | null;
  /** Money in our corporate wallet, to be passed on to the user. */
  readonly isObligation: boolean;
  /** Kept and shown, not booked. */
  readonly fee: string | null;
  /** What the leg is worth, as the partner says; books nothing. */
  readonly value: { readonly instrument: string; readonly amount: string } | null;
  /** The same instrument under its other kind of id, where the partner gives both. */
  readonly alias: { readonly integer: string; readonly uuid: string } | null;
}

/** What an event moves, once for each of its legs. */
export interface Booking {
  /** The partner's id of the event. */
  readonly transactionId: string;
  readonly userId: string;
  readonly corporateActionId: string | null;
  readonly type: string;
  /** ISO 8601 UTC, to the microsecond. */
  readonly creditedAt: string;
  readonly legs: readonly BookingLeg[];
  /** The same event may come again with more legs. */
  readonly mayGrow: boolean;
  /** Set where the event cannot say whether its leg is an asset or money: nothing is booked before a richer version does. */
  readonly kindUnknown?: Problem;
}

/** A movement of a corporate action: booked by dispatch, judged by its flow. */
export interface CorporateActionContent {
  readonly lifecycle: 'corporateAction';
  readonly event: string;
  readonly booking: Booking;
}

/** What the flow of a corporate action's set hears: that something was booked, or what the ledger says now. */
export interface CorporateActionNews {
  readonly lifecycle: 'corporateAction';
  readonly event: string;
  readonly news:
    | { readonly kind: 'movement'; readonly type: string }
    | { readonly kind: 'standing'; readonly standing: SetStanding };
}

/** What is only written down, because nothing is owed after it. */
export interface RecordedContent {
  readonly lifecycle: 'recorded';
  readonly event: string;
  readonly status: string | null;
  readonly facts: Readonly<Record<string, string>>;
  readonly callToAct?: CallToAct;
  /** What it moves; absent where it moves nothing. */
  readonly booking?: Booking;
}

/** One variant per routing decision; the variant's `lifecycle` is the workflow type it is sent to. */
export type NotificationContent = StateContent | SavingsPlanContent | CorporateActionContent | RecordedContent;

/** What a delivery books; undefined where it moves nothing. */
export function bookingOf(content: NotificationContent): Booking | undefined {
  return 'booking' in content ? content.booking : undefined;
}

/** The one signal a flow understands: what a delivery says, and which delivery it was. */
export type Notification = (StateContent | SavingsPlanContent | CorporateActionNews) & Arrival;

/** Which delivery it was, and how it stands to earlier ones. */
export interface Arrival {
  readonly deliveryId: string;
  /** When the receiver kept it, ISO 8601 UTC. */
  readonly receivedAt: string;
  /** True when an earlier delivery with the same event id said something else: illegal by itself, whatever the state. */
  readonly contradictsEarlier: boolean;
  /** A sweep found it: its webhook never came. */
  readonly isSwept?: true;
}

/** Why a delivery could not be understood: where, what was expected, what stood there. */
export interface Problem {
  readonly path: string;
  readonly expected: string;
  /** The value only for event names and enum values, else its type and length: never a name or an address. */
  readonly found: string;
}

const UNSAFE = /[^A-Za-z0-9._-]/gu;

/** Their ids have parts, none of which holds a `:`. */
const COMPOSITE = ['corporate-action', 'strategy'];

/** Percent-encodes what may not stand in a workflow id as it is; byte-wise, so that the id stays ASCII. */
function encodeId(id: string): string {
  return id.replace(UNSAFE, (character) =>
    Array.from(
      new TextEncoder().encode(character),
      (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    ).join(''),
  );
}

/** The workflow id of a subject: `<partner>:<object>:<id>`, each part of a composite id encoded by itself. */
export function workflowIdOf({ partner, object, id }: SubjectKey): string {
  const parts = COMPOSITE.includes(object) ? id.split(':') : [id];
  return `${partner}:${object}:${parts.map(encodeId).join(':')}`;
}
