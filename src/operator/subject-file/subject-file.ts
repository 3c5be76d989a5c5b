import type { Readable } from 'node:stream';

import { recordAction } from '../../store/audit';
import { deliveriesOfSubject, type SubjectDelivery } from '../../store/deliveries/of-subject';
import { loadRecord, type SubjectRecord } from '../../store/flows/record';
import type { FlowLink } from '../../store/flows/list';
import { type Evidence, type EvidenceDependencies, gatherEvidence } from '../evidence/evidence';
import { type ArchiveFile, archiveOf } from './archive';
import { headOf, sectionOf, TAIL } from './page';
import { storyOf } from './story';

/** File of all evidence of a subject, as it is written. */
export interface SubjectFile {
  readonly workflowId: string;
  /** Name for the file. */
  readonly name: string;
  readonly content: Readable;
}

/** Resources for a subject's file. */
export interface SubjectFileDependencies extends EvidenceDependencies {
  readonly flowLink: FlowLink;
}

/** Number of deliveries in a file, the newest of its subject; the manifest says where it is not all of them. */
const MOST_DELIVERIES = 10_000;

/**
 * Zip archive of everything that is kept of a subject, with a page that a person can read; null for an id that is not
 * known. Whoever asked for it is recorded before anything is given. One delivery is in memory at a time.
 */
export async function openSubjectFile(
  dependencies: SubjectFileDependencies,
  requestedId: string,
  by: string,
): Promise<SubjectFile | null> {
  const { database } = dependencies;
  const record = await loadRecord(dependencies, requestedId);
  if (record === null) return null;
  const { workflowId } = record.flow;
  const newest = await deliveriesOfSubject(database, workflowId, MOST_DELIVERIES + 1);
  const deliveries = newest.slice(-MOST_DELIVERIES);
  await recordAction(database, { by, action: 'evidence', target: workflowId, reason: null, details: {} });
  const writtenAt = new Date().toISOString();
  const manifest = {
    subject: workflowId,
    writtenAt,
    writtenBy: by,
    olderDeliveriesLeftOut: newest.length > deliveries.length,
  };
  const content = archiveOf(filesOf(dependencies, record, deliveries, writtenAt), manifest);
  return { workflowId, name: `${workflowId.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 100)}.zip`, content };
}

async function* filesOf(
  dependencies: SubjectFileDependencies,
  record: SubjectRecord,
  deliveries: readonly SubjectDelivery[],
  writtenAt: string,
): AsyncGenerator<ArchiveFile> {
  const { flow, details, object, movements, obligations, messages } = record;
  const head = headOf(record, storyOf(record, deliveries), writtenAt);
  yield { path: 'index.html', content: pageOf(dependencies, head, deliveries) };
  yield jsonFile('subject.json', { ...flow, details });
  if (object?.bytes != null) yield { path: 'read-object.json', content: [object.bytes] };
  yield jsonFile('movements.json', movements);
  yield jsonFile('obligations.json', obligations);
  yield jsonFile('messages.json', messages);
  yield jsonFile('operator-actions.json', flow.operatorActions);
  for (const [index, delivery] of deliveries.entries()) {
    const evidence = await gatherEvidence(dependencies, delivery.id);
    if (evidence !== null) yield* filesOfDelivery(evidence, folderOf(index, delivery));
  }
}

async function* pageOf(
  dependencies: SubjectFileDependencies,
  head: string,
  deliveries: readonly SubjectDelivery[],
): AsyncGenerator<Buffer> {
  yield Buffer.from(head);
  for (const [index, delivery] of deliveries.entries()) {
    const evidence = await gatherEvidence(dependencies, delivery.id);
    if (evidence !== null) yield Buffer.from(sectionOf(evidence, folderOf(index, delivery)));
  }
  yield Buffer.from(TAIL);
}

function folderOf(index: number, { id }: SubjectDelivery): string {
  return `deliveries/${String(index + 1).padStart(5, '0')}-${id}`;
}

/** Files of a delivery: what is known of it, and the bytes of its body as they were received. */
function* filesOfDelivery(evidence: Evidence, folder: string): Generator<ArchiveFile> {
  const { base64, ...body } = evidence.body;
  yield jsonFile(`${folder}/delivery.json`, { ...evidence, body });
  if (base64 !== null) yield { path: `${folder}/body`, content: [Buffer.from(base64, 'base64')] };
}

function jsonFile(path: string, value: unknown): ArchiveFile {
  return { path, content: [Buffer.from(`${JSON.stringify(value, null, 2)}\n`)] };
}
