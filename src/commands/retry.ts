import type { Kysely } from 'kysely';

import { retryAllParked, retryDelivery } from '../store/deliveries/retry';
import { retryAllDead, retryMessage } from '../store/outbox/list';
import type { Tables } from '../store/schema/tables';
import { withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { complain, counted, createProgress, say } from './output';
import { whoami } from './whoami';

interface RetryOptions {
  readonly all?: boolean;
}

/** `partnerflow retry <delivery id>…|--all`: parked deliveries go to dispatch again. */
export function retry(ids: readonly string[], options: RetryOptions): Promise<ExitCode> {
  return retryThings(DELIVERIES, ids, options);
}

/** `partnerflow outbox retry <id>…|--all`: messages that were given up are sent again. */
export function outboxRetry(ids: readonly string[], options: RetryOptions): Promise<ExitCode> {
  return retryThings(MESSAGES, ids, options);
}

/** Things that may be retried, with the sentences that say how it went. */
interface Retryable {
  readonly name: string;
  retryOne(
    database: Kysely<Tables>,
    id: string,
    by: string,
  ): Promise<'retried' | 'unknown' | 'not-parked' | 'not-dead'>;
  retryAll(database: Kysely<Tables>, by: string, onProgress: (done: number) => void): Promise<number>;
  allRetried(count: number): string;
  readonly retried: string;
  readonly notRetryable: string;
}

const DELIVERIES: Retryable = {
  name: 'delivery',
  retryOne: retryDelivery,
  retryAll: retryAllParked,
  allRetried: (count) => `${counted(count, 'delivery goes', 'deliveries go')} to dispatch again.`,
  retried: 'goes to dispatch again.',
  notRetryable: 'is not parked.',
};

const MESSAGES: Retryable = {
  name: 'message',
  retryOne: retryMessage,
  retryAll: retryAllDead,
  allRetried: (count) => `${counted(count, 'message is', 'messages are')} sent again.`,
  retried: 'is sent again.',
  notRetryable: 'was not given up.',
};

async function retryThings(things: Retryable, ids: readonly string[], { all }: RetryOptions): Promise<ExitCode> {
  if ((all === true) === ids.length > 0)
    return exitWith(EXIT.wrongUse, `Expected ${things.name} ids or --all, one of the two.`);
  return withStore(async ({ database }) => {
    if (all === true) {
      const onProgress = createProgress((done: number) => complain(`${done} so far`));
      say(things.allRetried(await things.retryAll(database, whoami(), onProgress)));
    }
    let code: ExitCode = EXIT.done;
    for (const id of ids) {
      const result = await things.retryOne(database, id, whoami());
      if (result === 'retried') say(`${id} ${things.retried}`);
      else {
        complain(result === 'unknown' ? `No ${things.name} has the id ${id}.` : `${id} ${things.notRetryable}`);
        code = EXIT.found;
      }
    }
    return code;
  });
}
