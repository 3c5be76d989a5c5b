import type { Generated, GeneratedAlways, JSONColumnType } from 'kysely';

import type { DetailsTables } from './details-tables';
import type { LedgerTables } from './ledger-tables';
import type { MessageTables } from './message-tables';
import type { OutboxTables } from './outbox-tables';
import type { TotalsTables } from './totals-tables';
import type { ErasureTables } from './erasure-tables';
import type { EncryptedJson } from '../encryption';
import type { Lifecycle } from '../../domain/lifecycle';
import type { Partner } from '../../domain/partner';
import type { Problem } from '../../domain/problem';
import type { AuthenticityResult } from '../../domain/authenticity';
import type { Reading } from '../../domain/reading';
import type { FindingKind, Outcome, Subject } from '../../domain/subject';

/** Names and values of headers, repeated ones apart. */
export type HeaderPairs = readonly (readonly [name: string, value: string])[];

/** Statuses of deliveries: `pending` until dispatch has decided. */
export const DELIVERY_STATUSES = ['pending', 'duplicate', 'parked', 'delivered'] as const;
/** Status of a delivery. */
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/**
 * Rows of `deliveries`: facts about one HTTP request of a partner each, written when it comes, when it is decided on, and
 * when its flow has folded it. They are never removed.
 */
export interface DeliveriesTable {
  readonly position: GeneratedAlways<string>;
  id: string;
  partner: Partner;
  route: string;
  received_at: Date;
  source: 'webhook' | 'sweep';
  /** Name and value pairs as received, credentials replaced by `[redacted]`; encrypted where bodies are. */
  headers: JSONColumnType<HeaderPairs | EncryptedJson>;
  /** Stored name of the key that encrypted the body, by which parked ones are found again; null where it is in clear. */
  body_key: string | null;
  body_sha256: Buffer;
  body_bytes: number;
  verdict: AuthenticityResult;
  credential_fingerprint: string | null;
  /** Time at which an operator let it in, although its signature was too old or only observed; null where nobody did. */
  accepted_at: Date | null;
  /** Trace under which it was received; null where nothing was traced. */
  traceparent: string | null;
  status: Generated<DeliveryStatus>;
  outcome: Outcome | null;
  /** Event, known from the decision on. */
  event: string | null;
  /** Workflow id of the subject, known from the decision on; null where it could not be decoded. */
  workflow_id: string | null;
  run_id: string | null;
  problem: JSONColumnType<Problem> | null;
  /** Number of tries up to the decision. */
  attempts: Generated<number>;
  /** Number of failed tries that belong to this delivery alone. */
  refusals: Generated<number>;
  outcome_at: Date | null;
  /** Time of the decision of dispatch; null while pending. */
  settled_at: Date | null;
}

/**
 * Rows of `delivery_queue`: deliveries that are pending, each exactly as long as it is, kept so by triggers on
 * `deliveries`. Whoever changes both writes the row of `deliveries` first; a claim locks nothing but the queue.
 */
export interface DeliveryQueueTable {
  position: string;
  partner: Partner;
  received_at: Date;
  /** Time from which it may be claimed: while it is leased, the end of the lease. */
  next_attempt_at: Date;
  lease_token: string | null;
  lease_until: Date | null;
  attempts: number;
  refusals: number;
  /** Time of the first of its failed tries; null where there was none since it was last brought in. */
  failing_since: Date | null;
  /** Time at which it was alerted as stuck. */
  stuck_since: Date | null;
  /** Event, known from the first decoding on. */
  event: string | null;
  /** Workflow id of the subject, known from the first decoding on; null where it could not be decoded. */
  workflow_id: string | null;
  problem: JSONColumnType<Problem> | null;
}

/** Rows of `delivery_bodies`: bodies until their retention ends, encrypted where `body_key` names a key. */
export interface DeliveryBodiesTable {
  partner: Partner;
  received_at: Date;
  id: string;
  body: Buffer;
  body_key: string | null;
}

/** Rows of `unread_fields`: side fields that could not be read, of the deliveries that have any. */
export interface UnreadFieldsTable {
  position: string;
  fields: JSONColumnType<readonly Problem[]>;
}

/**
 * Rows of the view `kept_deliveries`: all that is known of each delivery now, with what the queue holds of one that waits,
 * and with its body, null where retention has removed it. Looked up by position or id: no index knows its workflow id.
 */
export interface KeptDeliveriesView {
  readonly position: string;
  readonly id: string;
  readonly partner: Partner;
  readonly route: string;
  readonly received_at: Date;
  readonly source: 'webhook' | 'sweep';
  readonly headers: HeaderPairs | EncryptedJson;
  readonly body: Buffer | null;
  readonly body_key: string | null;
  readonly body_sha256: Buffer;
  readonly body_bytes: number;
  readonly verdict: AuthenticityResult;
  readonly credential_fingerprint: string | null;
  readonly status: DeliveryStatus;
  readonly outcome: Outcome | null;
  readonly event: string | null;
  readonly workflow_id: string | null;
  readonly run_id: string | null;
  readonly problem: Problem | null;
  readonly attempts: number;
  readonly refusals: number;
  readonly outcome_at: Date | null;
  readonly settled_at: Date | null;
}

/** Rows of `event_keys`: meanings that were seen under one event id of a partner, with the first delivery of each. */
export interface EventKeysTable {
  partner: Partner;
  event_key: string;
  meaning: string;
  delivery_id: string;
  readonly position: GeneratedAlways<string>;
  seen_at: Generated<Date>;
}

/**
 * Rows of `subjects`: last known state of each subject, from which operators get their listings and a flow starts
 * again.
 */
export interface SubjectsTable {
  workflow_id: string;
  readonly position: GeneratedAlways<string>;
  lifecycle: Lifecycle;
  partner: Partner;
  object: string;
  object_id: string;
  state: string | null;
  waiting_for: Generated<string[]>;
  since: Date | null;
  due_at: Date | null;
  overdue: Generated<boolean>;
  finding: FindingKind | null;
  open: boolean;
  closed_for_good: Generated<boolean>;
  version: Generated<number>;
  write_id: string | null;
  subject: JSONColumnType<Subject> | null;
  /**
   * Result of the last read of the object, written by the read itself: executions between two states are seen here
   * first.
   */
  last_reading: JSONColumnType<{ readonly at: string; readonly reading: Reading }> | null;
  as_of: Date;
  /** Id of the workflow that follows it, where that is another one than its own id names. */
  followed_in: string | null;
}

/** Rows of `subject_findings`: findings of subjects by their time, taken over by a trigger since there is this table. */
export interface SubjectFindingsTable {
  partner: Partner;
  at: Date;
  workflow_id: string;
  finding: FindingKind;
  state: string | null;
  found: string | null;
}

/**
 * Rows of `counters`: counts that must not depend on the rows they are compared with. Slots keep two appends from
 * waiting for one row.
 */
export interface CountersTable {
  name: 'received' | 'rejected' | 'recovered';
  partner: Partner;
  slot: number;
  value: string;
}

/** Rejected request as it is kept, credentials as salted digests. */
export interface RawRejection {
  readonly headers: HeaderPairs;
  readonly bodyBase64: string;
}

/**
 * Rows of `trusted_keys`: public keys that a partner's webhooks were verified with, also those that were rotated out
 * since.
 */
export interface TrustedKeysTable {
  partner: Partner;
  fingerprint: string;
  key_id: string;
  public_key: JSONColumnType<{ readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }>;
  since: Generated<Date>;
  /** Time at which a receiver first started without it; null while receivers trust it. */
  until: Date | null;
}

/**
 * Rows of `rejections`: requests answered 401. The raw request is kept, boundedly, only where the partner's
 * credential header was there.
 */
export interface RejectionsTable {
  readonly position: GeneratedAlways<string>;
  id: Generated<string>;
  at: Date;
  partner: Partner;
  route: string;
  reason: string;
  body_sha256: Buffer;
  body_bytes: number;
  /** Raw request, encrypted where bodies are. */
  raw: JSONColumnType<RawRejection | EncryptedJson> | null;
}

/** Rows of `alerts`: one per partner, finding and window, with a count. */
export interface AlertsTable {
  id: string;
  partner: Partner;
  finding: string;
  window_start: Date;
  window_end: Date;
  count: number;
  examples: string[];
  attempts: Generated<number>;
  next_attempt_at: Date;
  lease_until: Date | null;
  /** Time at which it was handed to the outbox; null again when a cause came after that. */
  sent_at: Date | null;
  /** Count as it was last told in the feed. */
  told_count: Generated<number>;
}

/** Rows of `operator_actions`: actions of operators, never changed. */
export interface OperatorActionsTable {
  readonly position: GeneratedAlways<string>;
  at: Generated<Date>;
  by: string;
  action: string;
  target: string;
  reason: string | null;
  details: JSONColumnType<Readonly<Record<string, string | number>>>;
  /** Id of the request, where both the flow and its caller record it. */
  request_id: string | null;
}

/** Tables of the database. */
export interface Tables extends ErasureTables, DetailsTables, LedgerTables, MessageTables, OutboxTables, TotalsTables {
  deliveries: DeliveriesTable;
  delivery_queue: DeliveryQueueTable;
  delivery_bodies: DeliveryBodiesTable;
  unread_fields: UnreadFieldsTable;
  kept_deliveries: KeptDeliveriesView;
  event_keys: EventKeysTable;
  subjects: SubjectsTable;
  subject_findings: SubjectFindingsTable;
  counters: CountersTable;
  rejections: RejectionsTable;
  alerts: AlertsTable;
  operator_actions: OperatorActionsTable;
  trusted_keys: TrustedKeysTable;
}
