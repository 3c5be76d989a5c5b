import type { Expectation, ExpectationKind } from '../domain/expectation';
import { isStateLifecycle } from '../domain/lifecycle';
import { partsOfSetId, setIdOf } from '../domain/lifecycles/corporate-actions/set-id';
import { canBeCanceled } from '../domain/lifecycles/states/requests';
import type { LifecycleTable } from '../domain/lifecycles/table';
import { millisecondsOf } from '../domain/moments';
import type { Partner } from '../domain/partner';
import type { Problem } from '../domain/problem';
import type { Partners } from '../partners/partners';

/** A word of our own backend on an object at a partner: something of it is owed. */
export interface ExpectationRequest {
  readonly partner: string;
  /** The middle word of the workflow id; absent: of a payment, its kind. */
  readonly object?: string;
  /** The partner's id of it; absent: of a payment, its reference. */
  readonly id?: string;
  /** Absent: `created`. */
  readonly kind?: ExpectationKind;
  /** Not scaled; absent: the policy's first due time. */
  readonly dueWithinSeconds?: number;
  /** The end of an order's validity, ISO 8601; UTC where it has no offset. */
  readonly validUntil?: string;
  /** A decimal without exponent, sign or trailing zeros. */
  readonly amount?: string;
  readonly currency?: string;
  /** Our own reference, by which it is found again; it may be personal. */
  readonly reference?: string;
  /** The partner's id of the user, by which it is found again. */
  readonly userId?: string;
}

/** An expectation that some flow can follow. */
export interface CheckedExpectation {
  readonly table: LifecycleTable;
  readonly partner: Partner;
  readonly object: string;
  readonly id: string;
  readonly expectation: Expectation;
}

/** The expectation of a request, or the problem of one that no flow can follow. */
export function checkExpectation(partners: Partners, request: ExpectationRequest): CheckedExpectation | Problem {
  const { kind = 'created', partner } = request;
  const isPayment = kind === 'deposit' || kind === 'payout';
  const object = request.object ?? (isPayment ? kind : undefined);
  const id = request.id ?? (isPayment ? request.reference : undefined);
  if (object === undefined) return lacking('object', 'the middle word of a workflow id');
  const table = expectedTable(partners, partner, object);
  if ('path' in table) return table;
  if (id === undefined) return lacking(isPayment ? 'reference' : 'id', 'the id of the object');
  const problem =
    problemOfId(table, id) ??
    problemOfKind(table, kind) ??
    problemOfValidity(table, request) ??
    problemOfSum(table, request);
  if (problem !== null) return problem;
  return { table, partner, object, id, expectation: expectationOf(request) };
}

function expectationOf({
  kind = 'created',
  dueWithinSeconds,
  validUntil,
  amount = '',
  currency = '',
}: ExpectationRequest): Expectation {
  return {
    kind,
    ...(dueWithinSeconds === undefined ? {} : { dueWithinMs: dueWithinSeconds * 1000 }),
    ...(validUntil === undefined ? {} : { validUntil: new Date(millisecondsOf(validUntil)).toISOString() }),
    ...(amount === '' ? {} : { sum: { amount, currency } }),
  };
}

function lacking(path: string, expected: string): Problem {
  return { path, expected, found: 'nothing' };
}

/** The lifecycle of an expected object, or the problem of one that no flow follows. */
function expectedTable(partners: Partners, partner: string, object: string): LifecycleTable | Problem {
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

/** The problem of a set that does not name its holder; null for everything else. */
function problemOfId({ lifecycle }: LifecycleTable, id: string): Problem | null {
  if (lifecycle !== 'corporateAction') return null;
  const { corporateActionId, userId } = partsOfSetId(id);
  if (id === setIdOf({ corporateActionId, userId }) && corporateActionId !== '' && userId !== '') return null;
  return { path: 'id', expected: '<ca_id>:<user id>, as a set is named', found: 'another id' };
}

/** The problem of a kind that says nothing of such an object; null where it does. */
function problemOfKind(table: LifecycleTable, kind: ExpectationKind): Problem | null {
  const of = `of ${table.partner} ${table.object}`;
  switch (kind) {
    case 'created':
      return null;
    case 'canceled':
      return isStateLifecycle(table.lifecycle) && canBeCanceled(table)
        ? null
        : { path: 'kind', expected: `a kind other than canceled ${of}, which cannot be cancelled`, found: kind };
    case 'changed':
      return isStateLifecycle(table.lifecycle)
        ? null
        : { path: 'kind', expected: `created, the only kind ${of}`, found: kind };
    case 'deposit':
    case 'payout':
      return table.lifecycle === 'transfer' && table.object !== OTHER[kind]
        ? null
        : {
            path: 'object',
            expected: `${kind}, or another transfer of money, for the kind ${kind}`,
            found: table.object,
          };
  }
}

const OTHER = { deposit: 'payout', payout: 'deposit' } as const;

function problemOfValidity(
  table: LifecycleTable,
  { kind = 'created', validUntil }: ExpectationRequest,
): Problem | null {
  if (validUntil === undefined) return null;
  const isOfKind = kind === 'created' || kind === 'changed';
  const isOrder = Object.values(table.states).some(({ standsWhileValid }) => standsWhileValid === true);
  if (isOfKind && isOrder) return null;
  const expected = isOrder ? 'nothing: it goes with created or changed' : 'nothing: only an order has a validity';
  return { path: 'validUntil', expected, found: 'a time' };
}

function problemOfSum(
  { object }: LifecycleTable,
  { kind = 'created', amount, currency }: ExpectationRequest,
): Problem | null {
  const isPayment = kind === 'deposit' || kind === 'payout';
  const given = Object.entries({ amount, currency });
  const wrong = given.find(([, value]) => (value !== undefined) !== isPayment);
  if (wrong === undefined) return null;
  const [path, value] = wrong;
  if (value === undefined) return lacking(path, `the ${path} of the ${kind}`);
  return { path, expected: `nothing: the ${object} is no deposit or payout`, found: 'a value' };
}
