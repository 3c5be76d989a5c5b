import { bitpanda } from './bitpanda';
import { coinify } from './coinify';
import { partnersOf } from './partners';
import { tradevest } from './tradevest';

/** The partners of this project: a new one is one folder and one line here. */
export const PARTNERS = partnersOf([tradevest, coinify, bitpanda]);
