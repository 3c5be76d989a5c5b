/**
 * Rows by name, for a statement that locks several and holds them until its transaction ends: two transactions that
 * lock the same rows, each in its order of arrival, wait for each other, and PostgreSQL ends one of them. Rows of one
 * name keep their order.
 */
export function inLockOrder<T>(rows: readonly T[], nameOf: (row: T) => string): readonly T[] {
  const named = rows.map((row) => ({ row, name: nameOf(row) }));
  named.sort((a, b) => Number(a.name > b.name) - Number(a.name < b.name));
  return named.map(({ row }) => row);
}
