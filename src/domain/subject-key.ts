import type { Partner } from './partner';
import { shortId } from './short-id';

/** The key of a subject: which partner's object, of which kind, with which id (UUIDs in lower case). */
export interface SubjectKey {
  readonly partner: Partner;
  /** The middle word of the workflow id, e.g. `order`, `trade`, `otc-trade`. */
  readonly object: string;
  readonly id: string;
  /** True for a subject that was stored under its whole workflow id before long ones were made shorter. */
  readonly keepsWholeId?: true;
}

/** The workflow id of a subject, at most 240 bytes: `<partner>:<object>:<id>`, shortened where that is longer. */
export function workflowIdOf(key: SubjectKey): string {
  const whole = wholeWorkflowIdOf(key);
  return key.keepsWholeId === true ? whole : shortId(whole);
}

/** The key of a subject whose row is stored under the given workflow id. */
export function keyStoredAs(key: SubjectKey, workflowId: string): SubjectKey {
  return workflowIdOf(key) === workflowId ? key : { ...key, keepsWholeId: true };
}

/** Their ids have parts, none of which holds a `:`. */
const COMPOSITE = ['corporate-action', 'strategy'];

/** The workflow id of a subject in full, each part of a composite id encoded by itself; may be too long for Temporal. */
export function wholeWorkflowIdOf({ partner, object, id }: SubjectKey): string {
  const parts = COMPOSITE.includes(object) ? id.split(':') : [id];
  return `${partner}:${object}:${parts.map(encodeId).join(':')}`;
}

const UNSAFE = /[^A-Za-z0-9._-]/gu;

/** Percent-encodes what may not stand in a workflow id as it is; byte-wise, so that the id stays ASCII. */
function encodeId(id: string): string {
  return id.replace(UNSAFE, (character) =>
    Array.from(
      new TextEncoder().encode(character),
      (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    ).join(''),
  );
}
