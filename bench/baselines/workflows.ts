import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';

/** Signal that ends the trivial workflow. */

export const done = defineSignal('done');

/** Workflow that takes one signal and ends. */
export async function trivial(): Promise<void> {
  let isDone = false;
  setHandler(done, () => {
    isDone = true;
  });
  await condition(() => isDone);
}

/** Activities of the hand-written order. */
export interface BareActivities {
  readBare(id: string): Promise<string>;
  writeBare(id: string, state: string, deliveries: readonly string[]): Promise<void>;
}

const { readBare, writeBare } = proxyActivities<BareActivities>({ startToCloseTimeout: '10s' });

/** Signal of a status. */
export const status = defineSignal<[{ deliveryId: string; status: string }]>('status');

const DUE = '1 day';

/**
 * Order's flow as a programmer would write it by hand: waits for FILLED, reads, waits for SETTLED, reads until it
 * agrees, writes its state after each step.
 */
export async function bareOrder(id: string): Promise<string> {
  let state = 'NEW';
  const deliveries: string[] = [];
  setHandler(status, (notification) => {
    deliveries.push(notification.deliveryId);
    if (state !== 'SETTLED') state = notification.status;
  });
  await condition(() => state !== 'NEW', DUE);
  await writeBare(id, state, deliveries);
  await condition(() => state === 'FILLED' || state === 'SETTLED', DUE);
  await readBare(id);
  await writeBare(id, state, deliveries);
  await condition(() => state === 'SETTLED', DUE);
  while ((await readBare(id)) !== 'SETTLED') await condition(() => false, '1 minute');
  await writeBare(id, state, deliveries);
  return state;
}
