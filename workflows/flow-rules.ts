import type { Rules } from '../src/domain/lifecycles/rules';
import type { LifecycleTable } from '../src/domain/lifecycles/table';
import type { Policy } from '../src/domain/policy';
import { goesNewWay } from './patches';

/** The rules by which a flow folds; where folds have changed, its history says which way it goes. */
export function rulesOfFlow(table: LifecycleTable, policy: Policy): Rules {
  return { table, policy, goesNewWay };
}
