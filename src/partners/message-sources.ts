import type { MessageSources } from '../domain/messages/catalogue';
import type { Partners } from './partners';

/** Kinds of the partners' objects that messages are about. */
export function messageSourcesOf({
  lifecycleTables,
  modules,
}: Pick<Partners, 'lifecycleTables' | 'modules'>): MessageSources {
  const recorded = modules.flatMap(({ events }) => events.filter(({ lifecycle }) => lifecycle === 'recorded'));
  return { lifecycleTables, recordedObjects: [...new Set(recorded.map(({ object }) => object))] };
}
