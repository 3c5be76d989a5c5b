import type { LifecycleTable } from '../src/domain/lifecycles/table';

let tables: readonly LifecycleTable[] = [];

/** The choice of the tables that a workflow bundle is built with; its entry makes it before any flow starts. */
export function useLifecycleTables(all: readonly LifecycleTable[]): void {
  tables = all;
}

/** The rules of a partner's kind of object; undefined where nothing is followed. */
export function lifecycleTableOf(partner: string, object: string): LifecycleTable | undefined {
  return tables.find((table) => table.partner === partner && table.object === object);
}
