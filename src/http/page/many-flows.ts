import { actOnEach } from '../../operator/actions';
import { ProblemError } from '../operations/problems';
import type { Act } from './acting';
import type { Form } from './form';
import type { FlowAction } from './views/flow-forms';
import type { Asked } from './views/many-flows-view';

/**
 * The body of the API's request for an action, from a form; a duration that is no number stays a text, which the API
 * rejects by name.
 */
export function actionBody(action: FlowAction, form: Form): Readonly<Record<string, unknown>> {
  const reason = form.text('reason');
  switch (action) {
    case 'refetch':
      return { reason };
    case 'extend': {
      const seconds = Number(form.text('amount')) * Number(form.text('unitSeconds'));
      return { reason, seconds: Number.isNaN(seconds) ? form.text('amount') : seconds };
    }
    case 'resolve':
      return { reason, result: form.text('result') };
  }
}

/** Fewer than the API's: a browser waits for all of them. */
const AT_ONCE = 5;

/**
 * Results of an action on many flows. Once no worker has answered the rest is not asked, so that the page comes before
 * the browser gives up.
 */
export async function askMany(
  act: Act,
  who: string,
  action: FlowAction,
  workflowIds: readonly string[],
  body: Readonly<Record<string, unknown>>,
): Promise<readonly Asked[]> {
  const ask = async (id: string): Promise<ProblemError | 'done'> => {
    try {
      await act(`/operations/flows/{workflowId}/${action}`, { id, who, body });
      return 'done';
    } catch (error) {
      if (error instanceof ProblemError) return error;
      throw error;
    }
  };
  const results = await actOnEach(workflowIds, ask, {
    concurrency: AT_ONCE,
    isUnanswered: (result) => result !== 'done' && result.status === 503,
  });
  return workflowIds.map((workflowId, index) => {
    const result = results[index] ?? null;
    return { workflowId, refused: result === 'done' ? null : (result?.message ?? 'not asked') };
  });
}
