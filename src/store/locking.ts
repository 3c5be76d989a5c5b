/**
 * Rows in the order of their names, for a statement that locks several until its transaction ends. Two transactions
 * that lock the same rows, each in its order of arrival, would wait for each other, and PostgreSQL would end one of
 * them. Rows of one name keep their order.
 */
export function inLockOrder<T>(rows: readonly T[], nameOf: (row: T) => string): readonly T[] {
  const named = rows.map((row) => ({ row, name: nameOf(row) }));
  named.sort((a, b) => Number(a.name > b.name) - Number(a.name < b.name));
  return named.map(({ row }) => row);
}
