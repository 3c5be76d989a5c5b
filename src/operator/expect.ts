import type { Kysely } from 'kysely';

import { canonicalParts } from '../domain/canonical-id';
import type { LifecycleTable } from '../domain/lifecycles/table';
import type { Policies } from '../domain/lifecycles/rules';
import { later } from '../domain/moments';
import { dueAfter, type Policy } from '../domain/policy';
import type { Problem } from '../domain/problem';
import { workflowIdOf } from '../domain/subject-key';
import type { Partners } from '../partners/partners';
import { recordAction } from '../store/audit';
import { ensureSubjectRows } from '../store/deliveries/claims';
import { storedKeys } from '../store/flows/stored-ids';
import { showExpected } from '../store/flows/expected';
import { loadSubjects } from '../store/flows/subjects';
import type { Tables } from '../store/schema/tables';
import { failureCode } from '../temporal/errors';
import type { FirstDue, FlowStarter } from '../temporal/flow-client';

/** An object that our own backend created at a partner: its first notification is owed. */
export interface ExpectationRequest {
  readonly partner: string;
  /** The middle word of the workflow id. */
  readonly object: string;
  readonly id: string;
  /** Not scaled; absent: the policy's first due time. */
  readonly dueWithinSeconds?: number;
}

/** The result of registering an expectation. */
export type ExpectationResult =
  | { readonly kind: 'registered' | 'existing'; readonly workflowId: string }
  /** No flow follows such an object. */
  | { readonly kind: 'unknown'; readonly problem: Problem }
  | { readonly kind: 'temporal-away'; readonly failure: string };

/** Servers and values with which expectations are registered. */
interface ExpectationDependencies {
  readonly database: Kysely<Tables>;
  readonly flows: FlowStarter;
  readonly policies: Policies;
  readonly partners: Partners;
}

/** A function that registers an expectation for an operator, by name. */
export type RegisterExpectation = (request: ExpectationRequest, by: string) => Promise<ExpectationResult>;

/**
 * Registered expectations: each starts the flow that waits for the first notification, unless one runs or has ended, and
 * is recorded with who asked for it.
 */
export function createExpectations({
  database,
  flows,
  policies,
  partners,
}: ExpectationDependencies): RegisterExpectation {
  return async function registerExpectation(request, by) {
    const table = expectedTable(partners, request);
    if ('path' in table) return { kind: 'unknown', problem: table };
    const { partner, object } = table;
    const asked = { partner, object, id: canonicalParts(request.id) };
    const key = (await storedKeys(database, [asked]))(asked);
    const workflowId = workflowIdOf(key);
    const stored = (await loadSubjects(database, [workflowId])).get(workflowId) ?? null;
    if (stored !== null) return { kind: 'existing', workflowId };
    const seconds = request.dueWithinSeconds;
    const policy = policies.policyOf(table);
    const expected = seconds === undefined ? null : expectedWithin(seconds);
    try {
      const started = await flows.startExpecting({ key, table, policy, stored }, expected);
      const row = { ...key, workflowId, lifecycle: table.lifecycle };
      if (!started) {
        await ensureSubjectRows(database, [row]);
        return { kind: 'existing', workflowId };
      }
      await showExpected(database, { ...row, dueWithinMs: expected?.withinMs ?? firstDueMs(policy) });
      const details = seconds === undefined ? {} : { dueWithinSeconds: seconds };
      await recordAction(database, { by, action: 'expect', target: workflowId, reason: null, details });
      return { kind: 'registered', workflowId };
    } catch (error) {
      return { kind: 'temporal-away', failure: failureCode(error) };
    }
  };
}

/** The due time after so many seconds, at the latest the calendar's last moment. */
function expectedWithin(seconds: number): FirstDue {
  const now = new Date().toISOString();
  const by = later(now, seconds * 1000);
  return { by, withinMs: Date.parse(by) - Date.parse(now) };
}

function firstDueMs(policy: Policy): number {
  const now = new Date().toISOString();
  return Date.parse(dueAfter(policy, policy.firstDue, now)) - Date.parse(now);
}

/** The lifecycle of an expected object, or the problem of a request that no flow can follow. */
export function expectedTable(partners: Partners, { partner, object }: ExpectationRequest): LifecycleTable | Problem {
  const module = partners.module(partner);
  if (module === undefined) return { path: 'partner', expected: `one of ${partners.names.join(', ')}`, found: partner };
  const objects = module.lifecycles.map((one) => one.object);
  return (
    partners.lifecycleTableOf(partner, object) ?? {
      path: 'object',
      expected: `one of ${objects.join(', ')}`,
      found: object,
    }
  );
}
