import { simulatedBitpanda } from './bitpanda';
import { simulatedCoinify } from './coinify';
import type { SimulatedPartner } from './simulated-partner';
import { simulatedTradevest } from './tradevest';

/** The partners that can be simulated: a new one is one folder and one line here. */
export const SIMULATED_PARTNERS: readonly SimulatedPartner[] = [
  simulatedTradevest,
  simulatedCoinify,
  simulatedBitpanda,
];
