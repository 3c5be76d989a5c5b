import { chownSync, mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** PostgreSQL refuses to run as root; there it runs as this user (nobody). */
export const UNPRIVILEGED = { uid: 65_534, gid: 65_534 } as const;

/** True where the process runs as root. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Where binaries of development servers are kept between runs. */
export function cacheFolder(): string {
  const folder =
    process.env.PARTNERFLOW_CACHE_FOLDER ??
    join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'partnerflow');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * A folder for a development server's data that the unprivileged user can reach: root's own home is closed to it,
 * so root's data lies below the system's folder for temporary files.
 */
export function dataFolder(name: string): string {
  if (!isRoot()) {
    const folder = join(cacheFolder(), name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }
  const folder = join(tmpdir(), 'partnerflow-data', name);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  chownSync(folder, UNPRIVILEGED.uid, UNPRIVILEGED.gid);
  return folder;
}
