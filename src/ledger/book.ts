import type { Transaction } from 'kysely';

import { kindOf } from '../domain/lifecycles/kinds';
import { OBLIGATION, QUIET_PERIOD } from '../domain/lifecycles/corporate-actions/durations';
import type { Partner } from '../domain/partner';
import { workflowIdOf } from '../domain/subject-key';
import { dueAfter, type Policy } from '../domain/policy';
import type { Partners } from '../partners/partners';
import type { Policies } from '../domain/lifecycles/rules';
import { actionWorkflowIdOf } from '../store/corporate-actions/set-flows';
import type { AlertCause } from '../store/outbox/alerts';
import type { DeliveryDecision } from '../store/deliveries/claims';
import {
  awaitRicher,
  enrichMovements,
  insertMovements,
  learnAliases,
  loadBooked,
  lockLedger,
  noteContradiction,
  releaseAwaiting,
} from '../store/ledger/movements';
import { ensureSets, settleSets, showQuietPeriod } from '../store/ledger/sets';
import { recordSubject } from '../store/flows/recorded';
import type { Tables } from '../store/schema/tables';
import { type Decided, decideInOrder, movementsOf, type ReadyEntry, withoutRepeats } from './decided';
import { withKinds } from './kinds';
import { noteAffected, touchContradicted } from './note-affected';

/** Rules that movements are booked by. */
export interface BookingRules {
  readonly policies: Policies;
  readonly partners: Partners;
}

/** The result of booking: the decision about each delivery, the causes of alerts, and the movements no webhook announced. */
export interface Booked {
  readonly decisions: readonly DeliveryDecision[];
  readonly causes: readonly AlertCause[];
  /** Movements that a sweep brought, by partner; counted by the caller once it has taken all its other locks. */
  readonly recovered: readonly { readonly partner: Partner; readonly count: number }[];
}

/**
 * Booked movements, each leg once, in the transaction that records the decisions about their deliveries: with one writer
 * the ledger and its deliveries can never differ. Takes the ledger's locks of all events and users first.
 */
export async function bookAll(
  transaction: Transaction<Tables>,
  ready: readonly ReadyEntry[],
  rules: BookingRules,
): Promise<Booked> {
  const results: Booked[] = [];
  await lockLedger(
    transaction,
    ready.map(({ entry: { claim, booking } }) => ({ partner: claim.partner, ...booking })),
  );
  // In one order everywhere: two dispatches that change rows of several partners must not wait for each other.
  for (const partner of [...new Set(ready.map(({ entry }) => entry.claim.partner))].sort()) {
    const own = ready.filter(({ entry }) => entry.claim.partner === partner);
    results.push(await bookOf(transaction, partner, own, rules));
  }
  return {
    decisions: results.flatMap(({ decisions }) => decisions),
    causes: results.flatMap(({ causes }) => causes),
    recovered: results.flatMap(({ recovered }) => recovered),
  };
}

async function bookOf(
  transaction: Transaction<Tables>,
  partner: Partner,
  given: readonly ReadyEntry[],
  rules: BookingRules,
): Promise<Booked> {
  const policy = setPolicyOf(rules, partner);
  const ready = await withKinds(transaction, partner, given);
  const stored = await loadBooked(
    transaction,
    partner,
    ready.map(({ entry }) => entry.booking.transactionId),
  );
  const decided = await withoutRepeats(transaction, decideInOrder(ready, stored));
  const movements = decided.flatMap(movementsOf);
  await insertMovements(transaction, movements, (since) =>
    dueAfter(policy, policy.dueByState[OBLIGATION] ?? policy.firstDue, since),
  );
  const quiet = quietPeriodOf(policy);
  const asAWhole = decided.filter(({ entry }) => entry.isFollowedAsAWhole);
  await settleSets(transaction, asAWhole.flatMap(movementsOf), quiet.ms);
  await ensureSets(transaction, movements);
  const contradicted = await touchContradicted(transaction, decided);
  await showQuietPeriod(transaction, quietPeriodRows(decided, quiet));
  // What many users share comes last, and in one order: aliases, then the news of corporate actions.
  const learned = await learnAliases(transaction, decided.flatMap(evidenceOf));
  for (const one of decided) await writeBeside(transaction, one);
  await noteAffected(transaction, decided, { ...learned, contradicted });
  const richer = decided.filter(({ decision }) => decision.kind === 'new');
  await releaseAwaiting(
    transaction,
    partner,
    richer.map(({ entry }) => entry.booking.transactionId),
  );
  const moving = movements.filter(({ leg, recovered }) => recovered && leg.amount !== '0');
  const illegal = decided.filter(({ decision }) => decision.kind === 'contradicting');
  return {
    decisions: decided.map(deliveryDecisionOf),
    recovered: [{ partner, count: moving.length }],
    causes: [
      ...learned.contradicted.map((example) => ({ partner, finding: 'contradicting-alias', example }) as const),
      ...illegal.map(
        ({ entry: { subject } }) =>
          ({ partner, finding: 'contradicting-repeat', example: workflowIdOf(subject) }) as const,
      ),
    ],
  };
}

/** The policy of a partner's corporate actions. Throws where it has none: then no event of it may move holdings. */
function setPolicyOf({ partners, policies }: BookingRules, partner: Partner): Policy {
  const table = partners.module(partner)?.lifecycles.find(({ lifecycle }) => kindOf(lifecycle).readsFrom === 'ledger');
  if (table === undefined) throw new Error(`${partner} moves holdings and has no lifecycle of corporate actions`);
  return policies.policyOf(table);
}

/** The quiet period of sets that are booked now. */
function quietPeriodOf(policy: Policy) {
  const since = new Date().toISOString();
  const dueAt = dueAfter(policy, policy.dueByState[QUIET_PERIOD] ?? policy.firstDue, since);
  return { since, dueAt, ms: Date.parse(dueAt) - Date.parse(since) };
}

function quietPeriodRows(decided: readonly Decided[], { since, dueAt }: ReturnType<typeof quietPeriodOf>) {
  return decided.flatMap(({ entry, decision }) => {
    if (decision.kind !== 'new' || entry.record !== null) return [];
    const { subject, booking, isFollowedAsAWhole } = entry;
    const { partner, id: objectId } = subject;
    const id = booking.corporateActionId;
    const followedIn = isFollowedAsAWhole && id !== null ? actionWorkflowIdOf({ partner, id }) : null;
    return [{ workflowId: workflowIdOf(subject), partner, objectId, state: booking.type, since, dueAt, followedIn }];
  });
}

/** Aliases that a delivery proves: it carries both ids, or is a known event under the other kind of id. */
function evidenceOf({ entry, decision }: Decided) {
  const { claim, booking } = entry;
  const carried = booking.legs.flatMap(({ alias }) => (alias === null ? [] : [alias]));
  const compared = decision.kind === 'known' ? decision.evidence : [];
  if (decision.kind === 'contradicting') return [];
  return [...carried, ...compared].map((pair) => ({ ...pair, partner: claim.partner, deliveryId: claim.id }));
}

async function writeBeside(transaction: Transaction<Tables>, { entry, decision }: Decided): Promise<void> {
  const { claim, booking, record } = entry;
  const { partner, id: deliveryId } = claim;
  const { transactionId } = booking;
  switch (decision.kind) {
    case 'new':
      return record === null ? undefined : recordSubject(transaction, record);
    case 'known':
      return enrichMovements(transaction, partner, transactionId, decision.enrichments);
    case 'awaiting':
      return awaitRicher(transaction, partner, transactionId, deliveryId);
    case 'contradicting': {
      const { leg, found } = decision;
      return noteContradiction(transaction, { partner, transactionId, leg, found, deliveryId });
    }
  }
}

function deliveryDecisionOf({ entry, decision, isOwn, runId }: Decided): DeliveryDecision {
  const { claim, event, subject, booking } = entry;
  const base = { claim, event, workflowId: workflowIdOf(subject) } as const;
  switch (decision.kind) {
    case 'new':
      return { ...base, status: 'delivered', outcome: 'applied', runId };
    case 'known':
      return isOwn ? { ...base, status: 'delivered', outcome: 'applied', runId } : { ...base, status: 'duplicate' };
    case 'contradicting':
      return { ...base, status: 'delivered', outcome: 'illegal', runId: null };
    case 'awaiting': {
      const problem = booking.kindUnknown ?? { path: 'body', expected: 'a known kind', found: 'none' };
      return { ...base, workflowId: null, status: 'parked', problem };
    }
  }
}
