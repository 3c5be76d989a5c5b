import type { Generated } from 'kysely';

/** Rows of `erased_deliveries`: deliveries whose body and headers were erased with a person. */
export interface ErasedDeliveriesTable {
  id: string;
  erased_at: Generated<Date>;
}

/** Tables of what was erased. */
export interface ErasureTables {
  erased_deliveries: ErasedDeliveriesTable;
}
