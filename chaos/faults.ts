import { setTimeout as delay } from 'node:timers/promises';

import { Client } from 'pg';

import type { FaultKind } from './fault-kinds';
import { operatorsAct } from './operators';
import type { Place } from './place';
import type { PlannedFault } from './plan';
import type { Manner } from './proxy';

type Cause = (place: Place, forMs: number) => Promise<void>;

/** Result of causing a fault and ending it; `failure` says why it could not be caused. */
export interface Caused {
  readonly fault: PlannedFault;
  readonly failure: string | null;
}

/** A fault, caused and ended. */
export async function cause(place: Place, fault: PlannedFault): Promise<Caused> {
  try {
    await CAUSES[fault.kind](place, fault.forMs);
    return { fault, failure: null };
  } catch (error) {
    return { fault, failure: error instanceof Error ? error.message : 'failed' };
  }
}

const CAUSES: Readonly<Record<FaultKind, Cause>> = {
  'kill-receiver': ({ processes }, forMs) => processes.receiver.end('kill', forMs),
  'stop-receiver': ({ processes }, forMs) => processes.receiver.end('stop', forMs),
  'kill-dispatcher': ({ processes }, forMs) => processes.dispatcher.end('kill', forMs),
  'kill-worker': ({ processes }, forMs) => processes.worker.end('kill', forMs),
  'stop-worker': ({ processes }, forMs) => processes.worker.end('stop', forMs),
  'kill-database': ({ postgres }, forMs) => postgres.killFor(forMs),
  'hang-database': async ({ postgres }, forMs) => {
    postgres.hang();
    await delay(forMs);
    postgres.resume();
  },
  'read-only-database': async ({ postgres }, forMs) => {
    await allowWrites(postgres.url, false);
    await delay(forMs);
    await untilDone(() => allowWrites(postgres.url, true));
  },
  'slow-database': behaving('database', 'slow'),
  'cut-database': behaving('database', 'cut'),
  'lost-database-answers': behaving('database', 'lost-answers'),
  'kill-temporal': (place, forMs) => place.killTemporal(forMs),
  'slow-temporal': behaving('temporal', 'slow'),
  'cut-temporal': behaving('temporal', 'cut'),
  'lost-temporal-answers': behaving('temporal', 'lost-answers'),
  'slow-partners': behaving('partners', 'slow'),
  'cut-partners': behaving('partners', 'cut'),
  'consumer-refuses': bankBehaving('refuses'),
  'consumer-hangs': bankBehaving('hangs'),
  'operator-acts': operatorsAct,
};

function behaving(before: keyof Place['proxies'], manner: Manner): Cause {
  return async ({ proxies }, forMs) => {
    for (const proxy of proxies[before]) proxy.behave(manner);
    await delay(forMs);
    for (const proxy of proxies[before]) proxy.behave('well');
  };
}

function bankBehaving(manner: 'refuses' | 'hangs'): Cause {
  return async ({ bank }, forMs) => {
    bank.behave(manner);
    await delay(forMs);
    bank.behave('well');
  };
}

/** Permission to write for all new connections; the ones that are open are ended. */
async function allowWrites(url: string, isAllowed: boolean): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('SET default_transaction_read_only = off');
    const setting = isAllowed ? 'RESET default_transaction_read_only' : 'SET default_transaction_read_only = on';
    await client.query(`ALTER DATABASE postgres ${setting}`);
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

const TRIES = 100;
const PAUSE_MS = 200;

/** A fault that begins meanwhile may be in the way of the end of this one. */
async function untilDone(work: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (tries === TRIES) throw error;
      await delay(PAUSE_MS);
    }
  }
}
