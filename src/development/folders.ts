import { chownSync, mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** User (nobody) that runs PostgreSQL where the process is root's: PostgreSQL refuses to run as root. */
export const UNPRIVILEGED = { uid: 65_534, gid: 65_534 } as const;

/** True when the process runs as root. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Folder of the binaries of development servers between runs. */
export function cacheFolder(): string {
  const folder =
    process.env.PARTNERFLOW_CACHE_FOLDER ??
    join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'partnerflow');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * Folder for a development server's data that the unprivileged user can reach: root's own home is closed to it, so
 * root's data lies below the system's folder for temporary files.
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
