import type { Kysely } from 'kysely';

import { PARTNERS } from '../partners';
import { type Accepted, parkedIds, type ParkedFilter, retryAllParked, retryDelivery } from '../store/deliveries/retry';
import { retryAllDead, retryMessage } from '../store/outbox/list';
import type { Tables } from '../store/schema/tables';
import { withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { type FilterOptions, filterOf, filterProblem } from './options';
import { complain, counted, createProgress, say } from './output';
import { whoami } from './whoami';

interface RetryOptions {
  readonly all?: boolean;
}

/** Options of `partnerflow retry`. */
export interface RetryDeliveriesOptions extends RetryOptions, FilterOptions {
  readonly dryRun?: boolean;
  readonly acceptOld?: boolean;
  readonly accept?: boolean;
  readonly reason?: string;
}

/**
 * `partnerflow retry <delivery id>…|--all`: parked deliveries go to dispatch again. With `--accept-old` or `--accept` those
 * that are parked for their signature alone are let in.
 */
export function retry(ids: readonly string[], options: RetryDeliveriesOptions): Promise<ExitCode> {
  const { acceptOld, accept, reason } = options;
  const filter = filterOf(options);
  const problem = filterProblem(filter, PARTNERS.names);
  if (problem !== null) return wrongUse(problem);
  const isAccepting = acceptOld === true || accept === true;
  if (acceptOld === true && accept === true) return wrongUse('Expected --accept-old or --accept, one of the two.');
  if (isAccepting !== (reason !== undefined))
    return wrongUse('Expected --reason together with --accept-old or --accept: somebody looked, and says so.');
  const all = options.all === true || Object.keys(filter).length > 0;
  const accepted: Accepted | null = isAccepting
    ? { what: acceptOld === true ? 'too-old' : 'observed', reason: reason ?? '' }
    : null;
  if (options.dryRun === true)
    return all && ids.length === 0 ? sayParked(filter, accepted) : wrongUse(DRY_RUN_EXPECTED);
  return retryThings(deliveriesOf(accepted, filter), ids, { all });
}

const DRY_RUN_EXPECTED = 'Expected --all or a filter with --dry-run, and no delivery ids.';

/** Ids of the deliveries that would go to dispatch again, each a line. */
async function sayParked(filter: FilterOptions, accepted: Accepted | null): Promise<ExitCode> {
  return withStore(async ({ database }) => {
    let count = 0;
    for await (const ids of parkedIds(database, filter, accepted)) {
      for (const id of ids) say(id);
      count += ids.length;
    }
    return exitWith(EXIT.done, `${counted(count, 'delivery', 'deliveries')} would go to dispatch again.`);
  });
}

function wrongUse(why: string): Promise<ExitCode> {
  return Promise.resolve(exitWith(EXIT.wrongUse, why));
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
  ): Promise<'retried' | 'unknown' | 'not-parked' | 'not-acceptable' | 'not-dead'>;
  retryAll(database: Kysely<Tables>, by: string, onProgress: (done: number) => void): Promise<number>;
  allRetried(count: number): string;
  readonly retried: string;
  readonly notRetryable: string;
}

function deliveriesOf(accepted: Accepted | null, filter: ParkedFilter): Retryable {
  const how = accepted === null ? 'to dispatch again' : 'to dispatch again, accepted';
  return {
    name: 'delivery',
    retryOne: (database, id, by) => retryDelivery(database, id, by, accepted),
    retryAll: (database, by, onProgress) => retryAllParked(database, by, { ...filter, accepted, onProgress }),
    allRetried: (count) => `${counted(count, 'delivery goes', 'deliveries go')} ${how}.`,
    retried: `goes ${how}.`,
    notRetryable: accepted === null ? 'is not parked.' : 'is not parked for what is accepted.',
  };
}

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
