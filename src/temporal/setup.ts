import { type Connection, isGrpcServiceError } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { temporal } from '@temporalio/proto';
import { ConstantBackoff, handleWhen, retry } from 'cockatiel';

const TYPES = temporal.api.enums.v1.IndexedValueType;
/** gRPC codes, as numbers. */
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const PERMISSION_DENIED = 7;
const UNIMPLEMENTED = 12;

/** Search attributes by which flows are listed: two from the start, four only while something is overdue. */
export const SEARCH_ATTRIBUTES: Readonly<Record<string, number>> = {
  Partner: TYPES.INDEXED_VALUE_TYPE_KEYWORD,
  ObjectId: TYPES.INDEXED_VALUE_TYPE_KEYWORD,
  WaitingFor: TYPES.INDEXED_VALUE_TYPE_KEYWORD,
  Finding: TYPES.INDEXED_VALUE_TYPE_KEYWORD,
  Overdue: TYPES.INDEXED_VALUE_TYPE_BOOL,
  DueAt: TYPES.INDEXED_VALUE_TYPE_DATETIME,
};

/** An error where Temporal has one of the search attributes under another type, which only its operator can change. */
export class SearchAttributeTypeError extends Error {}

const RETENTION_DAYS = 30;

function hasCode(error: unknown, code: number): boolean {
  return isGrpcServiceError(error) && [code].includes(error.code);
}

async function ensureNamespace(connection: Connection, namespace: string): Promise<void> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return;
  } catch (error) {
    if (!hasCode(error, NOT_FOUND)) throw error;
  }
  try {
    const workflowExecutionRetentionPeriod = msToTs(RETENTION_DAYS * 86_400_000);
    await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
  } catch (error) {
    if (!hasCode(error, ALREADY_EXISTS)) throw error;
  }
}

async function checkTypes(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const wrong = Object.entries(SEARCH_ATTRIBUTES).filter(([name, type]) => Number(customAttributes[name]) !== type);
  if (wrong.length === 0) return;
  const named = wrong.map(
    ([name, type]) => `${name}: expected ${String(TYPES[type])}, found ${String(TYPES[customAttributes[name] ?? 0])}`,
  );
  throw new SearchAttributeTypeError(`search attributes of another type or missing: ${named.join('; ')}`);
}

/**
 * Search by every attribute, which the part of the server that starts workflows knows only once its own view of the
 * namespace is renewed: on PostgreSQL some seconds after they are listed. A flow that was started before would be refused.
 */
async function findByAll(connection: Connection, namespace: string): Promise<void> {
  const query = Object.keys(SEARCH_ATTRIBUTES)
    .map((name) => `${name} IS NOT NULL`)
    .join(' AND ');
  await connection.workflowService.countWorkflowExecutions({ namespace, query });
}

/** On a server of another operator (Temporal Cloud) attributes are created by other means, and cannot even be listed. */
function isNotOurs(error: unknown): boolean {
  return hasCode(error, PERMISSION_DENIED) || hasCode(error, UNIMPLEMENTED);
}

/** A server takes a second or two to accept a new namespace or attribute; tried for half a minute. */
const patiently = retry(
  handleWhen((error) => !isNotOurs(error)),
  { maxAttempts: 60, backoff: new ConstantBackoff(500) },
);

/**
 * The set-up of Temporal: the namespace where it may be created, and the search attributes. Idempotent. Throws
 * `SearchAttributeTypeError`. False where the server lets us neither create nor list attributes: they have to be
 * there already.
 */
export async function setUpTemporal(connection: Connection, namespace: string): Promise<boolean> {
  await patiently.execute(() => ensureNamespace(connection, namespace));
  try {
    await patiently.execute(() =>
      connection.operatorService.addSearchAttributes({ namespace, searchAttributes: { ...SEARCH_ATTRIBUTES } }),
    );
  } catch (error) {
    if (!isNotOurs(error)) throw error;
  }
  try {
    await patiently.execute(() => checkTypes(connection, namespace));
    await patiently.execute(() => findByAll(connection, namespace));
  } catch (error) {
    if (!isNotOurs(error)) throw error;
    return false;
  }
  return true;
}
