/**
 * Nothing any more. Its columns and indexes for a dispatch in which a failure belongs to one delivery lie in the queue of
 * migration 0011; the name stays, because databases of builds between two releases have it.
 */
export function up(): Promise<void> {
  return Promise.resolve();
}
