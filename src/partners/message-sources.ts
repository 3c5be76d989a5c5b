import type { MessageSources } from '../domain/messages/catalogue';
import type { Partners } from './partners';

/** Kinds of the partners' objects that messages are about. */
export function messageSourcesOf({
  lifecycleTables,
  modules,
}: Pick<Partners, 'lifecycleTables' | 'modules'>): MessageSources {
  const recordedObjects = modules.flatMap(({ name: partner, events }) => {
    const recorded = events.filter(({ lifecycle }) => lifecycle === 'recorded').map(({ object }) => object);
    return [...new Set(recorded)].map((object) => ({ partner, object }));
  });
  return { lifecycleTables, recordedObjects };
}
