import { mapConcurrently } from '../../lib/concurrency';
import { Refusal } from '../operations/problems';
import type { Act } from './acting';
import type { Form } from './form';
import type { FlowAction } from './views/flow-forms';
import type { Asked } from './views/many-flows-view';

/** What a form says of an action, as the API's body; what is no number stays a word, which the API refuses by name. */
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

const AT_ONCE = 5;

/**
 * Asks many flows, a few at a time. Where no worker answers one, none would answer the next either: the rest is not
 * asked, so that the answer comes before the browser gives up.
 */
export async function askMany(
  act: Act,
  who: string,
  action: FlowAction,
  workflowIds: readonly string[],
  body: Readonly<Record<string, unknown>>,
): Promise<readonly Asked[]> {
  let isAway = false;
  const ask = async (workflowId: string): Promise<Asked> => {
    if (isAway) return { workflowId, refused: 'not asked' };
    try {
      await act(`/operations/flows/{workflowId}/${action}`, { id: workflowId, who, body });
      return { workflowId, refused: null };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      isAway ||= error.status === 503;
      return { workflowId, refused: error.message };
    }
  };
  return mapConcurrently(workflowIds, AT_ONCE, ask);
}
