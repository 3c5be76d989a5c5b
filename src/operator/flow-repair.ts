import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Kysely } from 'kysely';

import { type OperatorRequest, rewriteUpdate } from '../../workflows/contract';
import { kindOf } from '../domain/lifecycles/kinds';
import type { LifecycleTable } from '../domain/lifecycles/table';
import type { Partners } from '../partners/partners';
import { keyStoredAs, type SubjectKey, wholeWorkflowIdOf, workflowIdOf } from '../domain/subject-key';
import { refetchSubject } from '../domain/operator';
import type { Policies } from '../domain/lifecycles/rules';
import type { StoredSubject } from '../domain/subject-write';
import type { CorporateActionKey } from '../store/corporate-actions/load';
import { wakeAnew } from '../store/corporate-actions/news';
import { OBJECT } from '../store/corporate-actions/set-flows';
import { ensureSubjectRows } from '../store/deliveries/claims';
import type { FlowRow } from '../store/flows/reconcile';
import type { Tables } from '../store/schema/tables';
import type { FlowAddress, FlowStarter } from '../temporal/flow-client';
import { failureOf, failureCode } from '../temporal/errors';

/** The result of repairing one flow; a failure is a code that quotes nothing. */
export type Repair = { readonly kind: 'mended' } | { readonly kind: 'failed'; readonly failure: string };

/** Repairs of flows. Throws where Temporal is away. */
export interface FlowRepair {
  /** Starts the flow of a row again, or that of an object that lost its row. One that runs by now is left alone. */
  startAgain(workflowId: string, row: FlowRow | null, how: { readonly read: boolean }): Promise<Repair>;
  /** Makes a running flow compare its row with its own state, and write the row where it differs or is missing. */
  rewrite(workflowId: string, row: FlowRow | null, request: OperatorRequest): Promise<Repair>;
  /** Starts the flow of a whole corporate action again: what it has to look at stands in its rows. */
  wake(action: CorporateActionKey): Promise<Repair>;
}

const UPDATE_TIMEOUT_MS = 15_000;

const REPAIRED: Repair = { kind: 'mended' };

function failed(failure: string): Repair {
  return { kind: 'failed', failure };
}

/** The subject of a workflow id; null where no flow of a partner can have the id. Composite ids keep their colons. */
function keyOf(workflowId: string, row: FlowRow | null): SubjectKey | null {
  if (row !== null) return keyStoredAs({ partner: row.partner, object: row.object, id: row.objectId }, workflowId);
  const [partner = '', object = '', ...parts] = workflowId.split(':');
  if (parts.length === 0) return null;
  try {
    const key = { partner, object, id: parts.map(decodeURIComponent).join(':') };
    return wholeWorkflowIdOf(key) === workflowId ? keyStoredAs(key, workflowId) : null;
  } catch {
    return null;
  }
}

interface Found {
  readonly key: SubjectKey;
  readonly table: LifecycleTable;
}

function find(partners: Partners, workflowId: string, row: FlowRow | null): Found | null {
  const key = keyOf(workflowId, row);
  const table = key === null ? undefined : partners.lifecycleTableOf(key.partner, key.object);
  return key === null || table === undefined ? null : { key, table };
}

const UNKNOWN = failed('no flow of ours has such an id');

/** The state that the flow starts from: its row, to be read at once where a notification of it is lost. */
function storedOf(row: FlowRow | null, read: boolean): StoredSubject | null {
  const subject = row?.subject ?? null;
  if (row === null || subject === null) return null;
  const { version } = row;
  // Due since its wait began: the flow has another clock, and must not wait for ours.
  return { version, subject: read ? refetchSubject(subject, subject.since) : subject };
}

/** Starts the flow; one whose row may be older than what it is judged by is signalled to judge again. */
async function start(flows: FlowStarter, address: FlowAddress, row: FlowRow | null): Promise<void> {
  const now = new Date().toISOString();
  const state = row?.state ?? null;
  const news = state === null ? null : kindOf(address.table.lifecycle).newsAtRestart(state);
  const arrival = { deliveryId: `reconcile:${now}`, receivedAt: now, contradictsEarlier: false };
  if (news === null) await flows.startExpecting(address, row === null ? { by: now, withinMs: 0 } : null);
  else await flows.signalWithStart(address, { ...news, ...arrival });
}

interface RepairDependencies {
  readonly database: Kysely<Tables>;
  readonly flows: FlowStarter;
  readonly policies: Policies;
  readonly partners: Partners;
  readonly client: Client;
}

/**
 * Repairs by the same calls that dispatch uses: flows are started, signalled and updated, their rows are never
 * changed directly.
 */
export function createFlowRepair({ database, flows, policies, partners, client }: RepairDependencies): FlowRepair {
  const ensureRow = ({ key, table }: Found): Promise<void> =>
    ensureSubjectRows(database, [{ ...key, workflowId: workflowIdOf(key), lifecycle: table.lifecycle }]);
  return {
    async startAgain(workflowId, row, { read }) {
      const found = find(partners, workflowId, row);
      if (found === null) return UNKNOWN;
      const { key, table } = found;
      const address = { key, table, policy: policies.policyOf(table), stored: storedOf(row, read) };
      try {
        await start(flows, address, row);
        await ensureRow(found);
        return REPAIRED;
      } catch (error) {
        if (failureOf(error) === 'away') throw error;
        return failed(failureCode(error));
      }
    },
    async wake(action) {
      const table = partners.lifecycleTableOf(action.partner, OBJECT);
      if (table === undefined) return UNKNOWN;
      try {
        await wakeAnew(database, action);
        await flows.wakeAction({ table, policy: policies.policyOf(table), id: action.id });
        return REPAIRED;
      } catch (error) {
        if (failureOf(error) === 'away') throw error;
        return failed(failureCode(error));
      }
    },
    async rewrite(workflowId, row, { by, reason }) {
      const found = find(partners, workflowId, row);
      if (found === null) return UNKNOWN;
      await ensureRow(found);
      const update = (): Promise<unknown> =>
        client.workflow.getHandle(workflowId).executeUpdate(rewriteUpdate, { args: [{ by, reason }] });
      try {
        await client.withDeadline(Date.now() + UPDATE_TIMEOUT_MS, update);
        return REPAIRED;
      } catch (error) {
        // It ended meanwhile, and has written its end before.
        if (error instanceof WorkflowNotFoundError) return REPAIRED;
        return failed(error instanceof WorkflowUpdateFailedError ? 'the flow refused it' : 'no worker answered');
      }
    },
  };
}
