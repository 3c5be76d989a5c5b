import type { Kysely } from 'kysely';

import { canonicalParts } from '../domain/canonical-id';
import type { Partners } from '../partners/partners';
import { type SubjectKey, workflowIdOf } from '../domain/subject-key';
import type { Policies } from '../domain/lifecycles/rules';
import { recordAction } from '../store/audit';
import { ensureSubjectRows } from '../store/deliveries/claims';
import { loadSubjects } from '../store/flows/subjects';
import type { Tables } from '../store/schema/tables';
import type { FlowStarter } from '../temporal/flow-client';
import { failureCode } from '../temporal/errors';

/** Our own backend says what it created at a partner, so that a first webhook that never comes is noticed. */
export interface ExpectationRequest {
  readonly partner: string;
  /** The middle word of the workflow id. */
  readonly object: string;
  readonly id: string;
  /** Not scaled; absent: the policy's first due time. */
  readonly dueWithinSeconds?: number;
}

export type ExpectationAnswer =
  | { readonly kind: 'registered' | 'existing'; readonly workflowId: string }
  | { readonly kind: 'unknown-partner' | 'unknown-object'; readonly expected: readonly string[] }
  | { readonly kind: 'temporal-away'; readonly failure: string };

/** Servers and values with which expectations are registered. */
interface ExpectationDependencies {
  readonly database: Kysely<Tables>;
  readonly flows: FlowStarter;
  readonly policies: Policies;
  readonly partners: Partners;
}

/** Registers expectations: starts the flow that waits for the first notification, unless one runs or has ended; keeps who said so. */
export function createExpectations({ database, flows, policies, partners }: ExpectationDependencies) {
  return async function registerExpectation(request: ExpectationRequest, by: string): Promise<ExpectationAnswer> {
    const { partner } = request;
    const module = partners.module(partner);
    if (module === undefined) return { kind: 'unknown-partner', expected: partners.names };
    const table = partners.lifecycleTableOf(partner, request.object);
    if (table === undefined) return { kind: 'unknown-object', expected: module.lifecycles.map(({ object }) => object) };
    const key: SubjectKey = { partner, object: request.object, id: canonicalParts(request.id) };
    const workflowId = workflowIdOf(key);
    const stored = (await loadSubjects(database, [workflowId])).get(workflowId) ?? null;
    if (stored !== null) return { kind: 'existing', workflowId };
    const seconds = request.dueWithinSeconds;
    const expectedBy = seconds === undefined ? null : new Date(Date.now() + seconds * 1000).toISOString();
    try {
      const started = await flows.startExpecting({ key, table, policy: policies.policyOf(table), stored }, expectedBy);
      await ensureSubjectRows(database, [{ ...key, workflowId, lifecycle: table.lifecycle }]);
      if (!started) return { kind: 'existing', workflowId };
      const details = seconds === undefined ? {} : { dueWithinSeconds: seconds };
      await recordAction(database, { by, action: 'expect', target: workflowId, reason: null, details });
      return { kind: 'registered', workflowId };
    } catch (error) {
      return { kind: 'temporal-away', failure: failureCode(error) };
    }
  };
}
