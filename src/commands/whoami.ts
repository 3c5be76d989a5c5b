import { userInfo } from 'node:os';

/** The name of the operator at the command line, where there is no token: the operating system's user. */
export function whoami(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return `user ${String(process.getuid?.() ?? 'unknown')}`;
  }
}
