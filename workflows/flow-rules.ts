import type { Rules } from '../src/domain/lifecycles/rules';
import type { LifecycleTable } from '../src/domain/lifecycles/table';
import type { FlowInput } from './contract';
import { waysOf } from './patches';

/** The rules by which a flow folds; where folds have changed, its input or its history says which way it goes. */
export function rulesOfFlow(table: LifecycleTable, input: FlowInput): Rules {
  const goesNewWay = waysOf(input);
  return { table, policy: input.policy, goesNewWay, readsNewIds: goesNewWay('new-ids-are-read') };
}
