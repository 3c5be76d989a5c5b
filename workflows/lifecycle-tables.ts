import type { LifecycleTable } from '../src/domain/lifecycles/table';

let tables: readonly LifecycleTable[] = [];

/** Takes the tables of the partners that a workflow bundle is built for; its entry does so before any flow is told anything. */
export function useLifecycleTables(given: readonly LifecycleTable[]): void {
  tables = given;
}

/** The rules of a partner's kind of object; undefined where nothing is followed. */
export function lifecycleTableOf(partner: string, object: string): LifecycleTable | undefined {
  return tables.find((table) => table.partner === partner && table.object === object);
}
