import { readFileSync } from 'node:fs';

import { sql } from 'kysely';

import type { Place } from './place';

/** Connections that our three processes may hold together, beside those of the run. */
const MOST_CONNECTIONS = 60;
/** Memory that a process may hold, bytes; a worker holds its cache of flows. */
const MOST_RESIDENT_BYTES = 900_000_000;

/** Memory and connections of our processes are bounded. */
export async function processProblems({ database, processes }: Place): Promise<readonly string[]> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*)::int AS count FROM pg_stat_activity WHERE backend_type = 'client backend'`.execute(database.kysely);
  const count = rows[0]?.count ?? 0;
  const large = Object.entries(processes).flatMap(([name, kept]) => {
    const bytes = residentBytes(kept.pid());
    return bytes > MOST_RESIDENT_BYTES ? [`the ${name} holds ${bytes} bytes`] : [];
  });
  return [...(count > MOST_CONNECTIONS ? [`${count} connections to PostgreSQL are open`] : []), ...large];
}

function residentBytes(pid: number | null): number {
  if (pid === null) return 0;
  try {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(line?.[1] ?? 0) * 1_024;
  } catch {
    return 0;
  }
}
