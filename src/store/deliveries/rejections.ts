import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import type { Pool } from 'pg';

import type { Partner } from '../../domain/partner';
import { IN_CLEAR, rawBinding, encryptJson, type Encryption } from '../encryption';

/** Request that was answered 401. */
export interface Rejection {
  readonly at: Date;
  readonly partner: Partner;
  readonly route: string;
  /** Word for the reason; it contains no value of the request. */
  readonly reason: string;
  readonly bodySha256: Buffer;
  readonly bodyBytes: number;
  /**
   * JSON of the raw request, where it carried the partner's credential header: a wrongly configured key must not lose
   * it.
   */
  readonly rawJson: string | null;
}

/** Recorder of rejected requests. */
export interface RejectionRecorder {
  /**
   * Promise that resolves when the rejection is recorded, or after a second while the database is away; it is counted
   * later then.
   */
  readonly record: (rejection: Rejection) => Promise<void>;
}

const LONGEST_WAIT_MS = 1_000;
const RETRY_MS = 500;

/**
 * Statement for a batch, which is repeated unchanged until its commit is confirmed. Where an attempt with an unknown
 * result had written it after all, its rows are there already, and it is not counted again.
 */
const INSERT = `
  WITH input AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb)
      AS r(id uuid, at timestamptz, partner text, route text, reason text, hash text, bytes int, raw jsonb)
  ), noted AS (
    INSERT INTO rejections (id, at, partner, route, reason, body_sha256, body_bytes, raw)
    SELECT id, at, partner, route, reason, decode(hash, 'hex'), bytes, raw FROM input
    ON CONFLICT (id) DO NOTHING RETURNING id
  )
  INSERT INTO counters (name, partner, slot, value)
  SELECT 'rejected', key, 0, value::bigint FROM jsonb_each_text($2::jsonb) WHERE EXISTS (SELECT FROM noted)
  ON CONFLICT (name, partner, slot) DO UPDATE SET value = counters.value + excluded.value`;

const MOST_ROWS = 10_000;
const MOST_RAW = 200;

/**
 * Statement that keeps the newest rows: strangers may send as many forged requests as they like, the tables stay
 * small.
 */
const PRUNE = `
  WITH newest AS (SELECT max(position) AS top FROM rejections), gone AS (
    DELETE FROM rejections USING newest WHERE position <= newest.top - ${MOST_ROWS}
  )
  UPDATE rejections SET raw = NULL WHERE raw IS NOT NULL AND position NOT IN (
    SELECT position FROM rejections WHERE raw IS NOT NULL ORDER BY position DESC LIMIT ${MOST_RAW})`;

const PRUNE_EVERY_ROWS = 500;

/**
 * Recorder that writes rejected requests in batches of its own, so that a flood of them delays nothing authentic.
 * While the database is away they wait in bounded memory; each is counted once, also where its row was dropped.
 */
export function createRejectionRecorder(pool: Pool, encryption: Encryption = IN_CLEAR): RejectionRecorder {
  const backlog = createBacklog();
  let waiters = new Set<() => void>();
  let busy = false;
  let sincePrune = PRUNE_EVERY_ROWS;

  const write = async ({ rows, counts }: ReturnType<typeof backlog.take>): Promise<boolean> => {
    try {
      await pool.query(INSERT, [`[${rows.join(',')}]`, JSON.stringify(Object.fromEntries(counts))]);
      sincePrune += rows.length;
      return true;
    } catch {
      return false;
    }
  };
  const prune = async (): Promise<void> => {
    if (sincePrune < PRUNE_EVERY_ROWS) return;
    sincePrune = 0;
    // After a failure it is tried again after as many rows more: the table is a little longer until then.
    await pool.query(PRUNE).catch(() => undefined);
  };
  const flush = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    while (!backlog.isEmpty()) {
      const batch = backlog.take();
      const resolvers = waiters;
      waiters = new Set();
      while (!(await write(batch))) await delay(RETRY_MS, undefined, { ref: false });
      for (const finish of resolvers) finish();
      await prune();
    }
    busy = false;
  };
  return {
    record: (rejection) =>
      new Promise((resolve) => {
        const finish = (): void => {
          clearTimeout(timer);
          waiters.delete(finish);
          resolve();
        };
        const timer = setTimeout(finish, LONGEST_WAIT_MS).unref();
        waiters.add(finish);
        backlog.add(rejection.partner, rowJson(rejection, encryption));
        void flush();
      }),
  };
}

/** Rows that may wait for the database. */
const MOST_WAITING = 1_000;
/** Characters of rows that may wait for the database. */
const MOST_WAITING_CHARACTERS = 8_388_608;

/**
 * Rows that wait for the database. Above the limit the oldest are dropped, because the newest are the ones an
 * operator looks for.
 */
function createBacklog() {
  let rows: string[] = [];
  let counts = new Map<Partner, number>();
  let characters = 0;
  return {
    isEmpty: () => counts.size === 0,
    add(partner: Partner, row: string): void {
      counts.set(partner, (counts.get(partner) ?? 0) + 1);
      rows.push(row);
      characters += row.length;
      while (rows.length > MOST_WAITING || characters > MOST_WAITING_CHARACTERS)
        characters -= rows.shift()?.length ?? 0;
    },
    take() {
      const taken = { rows, counts };
      rows = [];
      counts = new Map();
      characters = 0;
      return taken;
    },
  };
}

function rowJson(rejection: Rejection, encryption: Encryption): string {
  const { at, partner, route, reason, bodySha256, bodyBytes, rawJson } = rejection;
  const id = randomUUID();
  const hash = bodySha256.toString('hex');
  const row = JSON.stringify({ id, at, partner, route, reason, hash, bytes: bodyBytes });
  return `${row.slice(0, -1)},"raw":${rawJson === null ? 'null' : encryptJson(encryption, rawJson, rawBinding(id))}}`;
}
