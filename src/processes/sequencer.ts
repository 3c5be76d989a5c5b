import type { Kysely } from 'kysely';
import type { Logger } from 'pino';

import { errorCode } from '../domain/error-code';
import { startRounds } from '../lib/rounds';
import type { Partners } from '../partners/partners';
import type { Encryption } from '../store/encryption';
import { numberMessages } from '../store/messages/numbering';
import type { Tables } from '../store/schema/tables';
import type { Housekeeping } from './housekeeping';

/** Parts of the sequencer. */
export interface SequencerParts {
  readonly database: Kysely<Tables>;
  readonly encryption: Encryption;
  readonly partners: Pick<Partners, 'lifecycleTableOf'>;
  readonly logger: Logger;
}

const LOOK_EVERY_MS = 200;
const RETRY_MS = 2_000;

/**
 * Sequencer of messages: it numbers what is committed, puts it into the feed, and hands it to the sender. Every receiver
 * runs one, and one at a time works, so that another goes on when it is killed.
 */
export function startSequencer({ database, encryption, partners, logger }: SequencerParts): Housekeeping {
  const { lifecycleTableOf } = partners;
  const onUnreadable = (failure: string): void => {
    logger.error({ failure }, 'a change of a subject could not be told: the feed has a flow.changed in its place');
  };
  let isFailing = false;
  return startRounds(async (stop) => {
    try {
      while (!stop.aborted && (await numberMessages(database, { lifecycleTableOf, encryption, onUnreadable })) > 0);
      isFailing = false;
      return { ms: LOOK_EVERY_MS };
    } catch (error) {
      if (!isFailing) logger.warn({ failure: errorCode(error) }, 'messages are not numbered yet');
      isFailing = true;
      return { ms: RETRY_MS };
    }
  });
}
