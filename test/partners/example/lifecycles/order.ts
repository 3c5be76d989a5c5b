import type { LifecycleTable } from '../../../../src/domain/lifecycles/table';

/** Orders of the example partner: placed, executed, and settled once the read says so, too. */
export const exampleOrder: LifecycleTable = {
  partner: 'example',
  object: 'order',
  lifecycle: 'order',
  title: 'Example order',
  readable: true,
  settlement: 'SETTLED',
  firstDue: 'PT1H',
  states: {
    PLACED: { rank: 1, owed: ['EXECUTED', 'SETTLED'], due: 'P1D' },
    EXECUTED: { rank: 2, owed: ['SETTLED'], due: 'P2D' },
    SETTLED: { rank: 3, owed: [], due: 'P1D', ends: 'when read agrees', tells: 'order.settled' },
  },
};
