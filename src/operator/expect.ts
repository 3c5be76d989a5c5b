import type { Kysely } from 'kysely';
import { v4 as uuidv4 } from 'uuid';

import { OUR_UPDATES } from '../../workflows/contract';
import { canonicalParts } from '../domain/canonical-id';
import type { SubjectDetails } from '../domain/details';
import type { Expectation, ExpectationAnswer } from '../domain/expectation';
import { partsOfSetId } from '../domain/lifecycles/corporate-actions/set-id';
import type { Policies } from '../domain/lifecycles/rules';
import { later } from '../domain/moments';
import { dueAfter, type Policy } from '../domain/policy';
import { type SubjectKey, workflowIdOf } from '../domain/subject-key';
import type { Problem } from '../domain/problem';
import type { StoredSubject } from '../domain/subject-write';
import type { Partners } from '../partners/partners';
import { isActivated } from '../store/activations';
import { recordAction } from '../store/audit';
import { type ExpectedSet, expectSet } from '../store/corporate-actions/expect-set';
import { ensureSubjectRows } from '../store/deliveries/claims';
import { type ReferenceKeys, recordDetails } from '../store/flows/details';
import { showExpected } from '../store/flows/expected';
import { storedKeys } from '../store/flows/stored-ids';
import { loadSubjects } from '../store/flows/subjects';
import type { Tables } from '../store/schema/tables';
import { failureCode } from '../temporal/errors';
import type { FirstDue, FlowAddress, FlowStarter } from '../temporal/flow-client';
import { tellEnded } from './expect-ended';
import { type CheckedExpectation, checkExpectation, type ExpectationRequest } from './expectation-request';

/** The result of registering an expectation. */
export type ExpectationResult =
  | { readonly kind: 'registered' | 'existing'; readonly workflowId: string }
  /** No flow follows such an object, or nothing of the kind can be said of it. */
  | { readonly kind: 'unknown'; readonly problem: Problem }
  /** It contradicts what is known: the object has ended, or another sum was said before. */
  | { readonly kind: 'conflict'; readonly problem: Problem }
  /** The flow runs, and no worker took it in time. */
  | { readonly kind: 'no-worker' }
  | { readonly kind: 'temporal-away'; readonly failure: string };

/** Servers and values with which expectations are registered. */
export interface ExpectationDependencies {
  readonly database: Kysely<Tables>;
  readonly flows: FlowStarter;
  readonly policies: Policies;
  readonly partners: Partners;
  /** Keys under which our own references are kept, and found again. */
  readonly references: ReferenceKeys;
}

/** A function that registers an expectation for an operator, by name. */
export type RegisterExpectation = (request: ExpectationRequest, by: string) => Promise<ExpectationResult>;

/**
 * Registered expectations. One of something unknown starts the flow that waits for its first notification, one of an open
 * flow is told to it, and one of what has ended is held against the end. Each new one is recorded with who asked for it.
 */
export function createExpectations(dependencies: ExpectationDependencies): RegisterExpectation {
  const { database, partners, references } = dependencies;
  return async function registerExpectation(request, by) {
    const checked = checkExpectation(partners, request);
    if ('path' in checked) return { kind: 'unknown', problem: checked };
    const result = await register(dependencies, checked);
    if (result.kind !== 'registered' && result.kind !== 'existing') return result;
    const { workflowId } = result;
    const details = personalDetailsOf(request);
    await recordDetails(database, references, [{ workflowId, partner: checked.partner, toldAt: null, details }]);
    if (result.kind === 'existing') return result;
    const action = { by, action: 'expect', target: workflowId, reason: null, details: auditedDetailsOf(request) };
    await recordAction(database, action);
    return result;
  };
}

/** The part of a request by which it is found again; it only fills what the partner has not said itself. */
function personalDetailsOf({ reference, userId }: ExpectationRequest): SubjectDetails {
  return { ...(reference === undefined ? {} : { reference }), ...(userId === undefined ? {} : { userId }) };
}

/** The part of a request that the audit keeps: neither our own reference nor the user's id, which are personal. */
function auditedDetailsOf({
  kind,
  dueWithinSeconds,
  validUntil,
  amount,
  currency,
}: ExpectationRequest): Readonly<Record<string, string | number>> {
  const given = Object.entries({ kind, dueWithinSeconds, validUntil, amount, currency });
  return Object.fromEntries(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Number of tries: a flow may end, or begin, between the look at its row and what is asked of it. */
const MOST_TRIES = 3;

async function register(
  dependencies: ExpectationDependencies,
  { table, partner, object, id, expectation }: CheckedExpectation,
): Promise<ExpectationResult> {
  const { database, policies } = dependencies;
  const asked = { partner, object, id: canonicalParts(id) };
  const key = (await storedKeys(database, [asked]))(asked);
  const policy = policies.policyOf(table);
  if (table.lifecycle === 'corporateAction' && (await isActivated(database, 'corporate-actions'))) {
    const isNew = await expectSet(database, expectedSetOf(key, expectation.dueWithinMs ?? firstDueMs(policy)));
    return { kind: isNew ? 'registered' : 'existing', workflowId: workflowIdOf(key) };
  }
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    const stored = (await loadSubjects(database, [workflowIdOf(key)])).get(workflowIdOf(key)) ?? null;
    const result = await tellOnce(dependencies, { key, table, policy, stored }, expectation);
    if (result !== 'ended') return result;
  }
  return { kind: 'no-worker' };
}

/** A set is no flow of its own: that of its corporate action is told by rows, and woken by dispatch. */
function expectedSetOf(key: SubjectKey, dueWithinMs: number): ExpectedSet {
  const { corporateActionId, userId } = partsOfSetId(key.id);
  const action = { partner: key.partner, id: corporateActionId };
  return { action, userId, workflowId: workflowIdOf(key), objectId: key.id, dueWithinMs };
}

/** Tells what there is by now: an end, a flow that is started, or one that runs. `ended`: it ran, and runs no more. */
async function tellOnce(
  { database, flows, policies }: ExpectationDependencies,
  address: FlowAddress,
  expectation: Expectation,
): Promise<ExpectationResult | 'ended'> {
  const { key, table, policy, stored } = address;
  const workflowId = workflowIdOf(key);
  if (stored !== null && isOver(stored, expectation)) {
    const ended = { workflowId, rules: { table, policy }, alertWindowMs: policies.alertWindowMs };
    return resultOf(workflowId, await tellEnded(database, ended, expectation));
  }
  if (stored?.subject.end !== null) {
    const begun = await begin(database, flows, address, expectation);
    if (begun !== null) return begun;
    await ensureSubjectRows(database, [{ ...key, workflowId, lifecycle: table.lifecycle }]);
  }
  // That an object was created is all there is to say of one that is known.
  if (expectation.kind === 'created' && expectation.validUntil === undefined) return { kind: 'existing', workflowId };
  const answer = await flows.tell(workflowId, expectation, `${OUR_UPDATES}${uuidv4()}`);
  return answer.kind === 'ended' ? 'ended' : resultOf(workflowId, answer);
}

/** True for an end that what is expected does not undo: a request wakes a flow that rests. */
function isOver({ subject: { end, closedForGood } }: StoredSubject, { kind }: Expectation): boolean {
  return closedForGood || (end !== null && kind !== 'canceled' && kind !== 'changed');
}

function resultOf(
  workflowId: string,
  answer: ExpectationAnswer | { readonly kind: 'no-worker' | 'ended' },
): ExpectationResult {
  switch (answer.kind) {
    case 'registered':
    case 'existing':
      return { kind: answer.kind, workflowId };
    case 'contradicting':
      return { kind: 'conflict', problem: answer.problem };
    case 'no-worker':
    case 'ended':
      return { kind: 'no-worker' };
  }
}

/** Starts the flow that waits for the first notification, or goes on from where it rests; null where one runs. */
async function begin(
  database: Kysely<Tables>,
  flows: FlowStarter,
  address: FlowAddress,
  expectation: Expectation,
): Promise<ExpectationResult | null> {
  const { key, table, policy } = address;
  const workflowId = workflowIdOf(key);
  const expected = expectation.dueWithinMs === undefined ? null : expectedWithin(expectation.dueWithinMs);
  try {
    if (!(await flows.startExpecting(address, expected, expectation))) return null;
  } catch (error) {
    return { kind: 'temporal-away', failure: failureCode(error) };
  }
  const row = { ...key, workflowId, lifecycle: table.lifecycle };
  await showExpected(database, { ...row, dueWithinMs: expected?.withinMs ?? firstDueMs(policy) });
  return { kind: 'registered', workflowId };
}

/** The due time after so long a wait, at the latest the calendar's last moment. */
function expectedWithin(waitMs: number): FirstDue & { readonly withinMs: number } {
  const now = new Date().toISOString();
  const by = later(now, waitMs);
  return { by, withinMs: Date.parse(by) - Date.parse(now) };
}

function firstDueMs(policy: Policy): number {
  const now = new Date().toISOString();
  return Date.parse(dueAfter(policy, policy.firstDue, now)) - Date.parse(now);
}
