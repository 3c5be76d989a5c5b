import type { Pool } from 'pg';

import type { Partner } from '../domain/notification';

/** A request that was refused with 401. */
export interface Rejection {
  readonly at: Date;
  readonly partner: Partner;
  readonly route: string;
  /** A word; no value of the request. */
  readonly reason: string;
  readonly bodySha256: Buffer;
  readonly bodyBytes: number;
  /** JSON of the raw request, where it carried the partner's credential header: a key set wrongly must not lose it. */
  readonly rawJson: string | null;
}

export interface RejectionRecorder {
  /** Resolves when it is recorded, or after a second when the database is away; it is counted later then. */
  record(rejection: Rejection): Promise<void>;
}

const MOST_ROWS = 10_000;
const MOST_RAW = 200;
const MOST_WAITING = 1_000;
const PATIENCE_MS = 1_000;
const RETRY_MS = 500;

const INSERT = `
  WITH said AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(at timestamptz, partner text, route text, reason text, hash text, bytes int, raw jsonb)
  ), noted AS (
    INSERT INTO rejections (at, partner, route, reason, body_sha256, body_bytes, raw)
    SELECT at, partner, route, reason, decode(hash, 'hex'), bytes, raw FROM said
  )
  INSERT INTO counters (name, partner, slot, value)
  SELECT 'rejected', key, 0, value::bigint FROM jsonb_each_text($2::jsonb)
  ON CONFLICT (name, partner, slot) DO UPDATE SET value = counters.value + excluded.value`;

/** Newest rows stay: strangers may send as many forged requests as they like, the tables stay small. */
const PRUNE = `
  WITH newest AS (SELECT max(position) AS top FROM rejections), gone AS (
    DELETE FROM rejections USING newest WHERE position <= newest.top - ${MOST_ROWS}
  )
  UPDATE rejections SET raw = NULL WHERE raw IS NOT NULL AND position NOT IN (
    SELECT position FROM rejections WHERE raw IS NOT NULL ORDER BY position DESC LIMIT ${MOST_RAW})`;

const PRUNE_EVERY_BATCHES = 50;

interface Row {
  readonly at: Date;
  readonly partner: Partner;
  readonly route: string;
  readonly reason: string;
  readonly hash: string;
  readonly bytes: number;
  readonly raw: unknown;
}

function rowOf(rejection: Rejection): Row {
  const { at, partner, route, reason, bodySha256, bodyBytes, rawJson } = rejection;
  const raw: unknown = rawJson === null ? null : JSON.parse(rawJson);
  return { at, partner, route, reason, hash: bodySha256.toString('hex'), bytes: bodyBytes, raw };
}

/**
 * Records refused requests in batches on a lane of their own, so that a flood of them delays nothing authentic.
 * What cannot be recorded (the database is away, too many at once) is at least counted, later.
 */
export function createRejectionRecorder(pool: Pool): RejectionRecorder {
  let rows: Row[] = [];
  let counts = new Map<Partner, number>();
  let waiters: (() => void)[] = [];
  let busy = false;
  let batches = 0;

  const giveBack = (uncounted: ReadonlyMap<Partner, number>): void => {
    for (const [partner, count] of uncounted) counts.set(partner, (counts.get(partner) ?? 0) + count);
  };
  const flush = async (): Promise<void> => {
    if (busy || counts.size === 0) return;
    busy = true;
    const batch = { rows, counts, waiters };
    rows = [];
    counts = new Map();
    waiters = [];
    try {
      await pool.query(INSERT, [JSON.stringify(batch.rows), JSON.stringify(Object.fromEntries(batch.counts))]);
      batches += 1;
      if (batches % PRUNE_EVERY_BATCHES === 1) await pool.query(PRUNE);
    } catch {
      giveBack(batch.counts);
      setTimeout(() => void flush(), RETRY_MS).unref();
    }
    for (const resolve of batch.waiters) resolve();
    busy = false;
    if (rows.length > 0) void flush();
  };
  return {
    record: (rejection) =>
      new Promise((resolve) => {
        counts.set(rejection.partner, (counts.get(rejection.partner) ?? 0) + 1);
        if (rows.length < MOST_WAITING) rows.push(rowOf(rejection));
        waiters.push(resolve);
        setTimeout(resolve, PATIENCE_MS).unref();
        void flush();
      }),
  };
}
