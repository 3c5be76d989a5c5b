import { type MessageType, messageTypes } from '../domain/messages/catalogue';
import type { Partners } from './partners';

/** Types of messages about the objects of the partners. */
export function messageTypesOf({ lifecycleTables, modules }: Partners): readonly MessageType[] {
  const recorded = modules.flatMap(({ events }) => events.filter(({ lifecycle }) => lifecycle === 'recorded'));
  return messageTypes({ lifecycleTables, recordedObjects: [...new Set(recorded.map(({ object }) => object))] });
}
