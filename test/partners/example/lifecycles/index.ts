import type { LifecycleTable } from '../../../../src/domain/lifecycles/table';
import { exampleOrder } from './order';

/** Every kind of the example partner’s objects that is followed by a workflow. */
export const lifecycles: readonly LifecycleTable[] = [exampleOrder];
