import type { Kysely } from 'kysely';

import { IN_CLEAR, type Encryption } from '../../src/store/encryption';
import { numberMessages } from '../../src/store/messages/numbering';
import type { Tables } from '../../src/store/schema/tables';
import { lifecycleTableOf } from './partners';

/** Every committed change is numbered, as a receiver's sequencer does. */
export async function numberAll(database: Kysely<Tables>, encryption: Encryption = IN_CLEAR): Promise<void> {
  while ((await numberMessages(database, { lifecycleTableOf, encryption })) > 0);
}
