import { operationsOf } from '../operations';
import type { OperationsDependencies } from '../operations/dependencies';

/** Routes of the operations API that a form may use. */
type ActingPath =
  | `/operations/flows/{workflowId}/${'refetch' | 'extend' | 'resolve'}`
  | `/operations/deliveries/{id}/${'retry' | 'book'}`
  | '/operations/outbox/{id}/retry'
  | '/operations/obligations/{id}/paid';

/**
 * A function that does what a route of the API does, for somebody who is logged in. Throws the `ProblemError` of the
 * route.
 */
export type Act = (
  path: ActingPath,
  request: { readonly id: string; readonly who: string; readonly body: Readonly<Record<string, unknown>> },
) => Promise<void>;

/**
 * Actions of the page through the API's own operations: with the same checks, the same audit and the same log line,
 * nothing can be done here that could not be done there.
 */
export function createAct(dependencies: OperationsDependencies): Act {
  const operations = operationsOf(dependencies);
  return async (path, { id, who, body }) => {
    const operation = operations.find((one) => one.method === 'post' && one.path === path);
    if (operation === undefined) throw new Error(`expected the operation ${path}`);
    const { status } = await operation.answer({
      ...{ who, id, ids: [id], key: null, query: {} },
      readBody: () => Promise.resolve(body),
    });
    dependencies.log.info({ who, route: path, status, by: 'page' }, 'operator acted');
  };
}
