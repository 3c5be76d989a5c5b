import { isOutgoingType } from '../outgoing';
import type { MessageData } from './message';

/** Message as the feed has it; times are ISO 8601 UTC. */
export interface FeedMessage {
  /** Place in the feed: the cursor from which a reader goes on. */
  readonly sequence: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly at: string;
  /** Null where it was erased. */
  readonly data: MessageData | null;
}

/** Media type of CloudEvents in structured JSON. */
const CLOUD_EVENT = 'application/cloudevents+json';

/** Media type of the body that is sent of a message. */
export function contentTypeOf(type: string): string {
  return isOutgoingType(type) ? 'application/json' : CLOUD_EVENT;
}

/** Message as an event by CloudEvents 1.0; `timestamp` and `sequence` are extensions of it. */
export function eventOf({ sequence, id, type, subject, at, data }: FeedMessage) {
  return {
    specversion: '1.0',
    id,
    source: sourceOf(subject, data),
    type,
    subject,
    time: at,
    timestamp: at,
    sequence,
    datacontenttype: 'application/json',
    dataschema: schemaId(type),
    data,
  };
}

/** Source of an event: the partner that it is about. */
function sourceOf(subject: string, data: MessageData | null): string {
  const partner = data?.partner;
  return `/partnerflow/${typeof partner === 'string' ? partner : (subject.split(':')[0] ?? '')}`;
}

/** Name of the JSON schema of a type's `data`. */
export function schemaId(type: string): string {
  return `urn:partnerflow:message:${type}:1`;
}

/** Text that is signed and sent of a message: of the types from the first release what it always was. */
export function bodyOf(message: FeedMessage): string {
  const { type, at, data } = message;
  return JSON.stringify(isOutgoingType(type) ? { type, timestamp: at, data } : eventOf(message));
}
