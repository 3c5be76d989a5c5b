import { circuitBreaker, CircuitState, ExponentialBackoff, handleWhen, isBrokenCircuitError } from 'cockatiel';

import type { Partner } from '../domain/partner';
import { workflowIdOf } from '../domain/subject-key';
import type { PartnerClient } from './client';
import { type CircuitWord, isOutage, ReadFailure } from './reading';

/** The circuit breaker of one partner's reads, in one process. */
export interface ReadBreaker {
  readonly state: () => CircuitWord;
  /**
   * The same client, whose reads and sweeps throw `ReadFailure` with the cause `circuit open` at once while the circuit
   * is open. Confirmations pass: one is to be tried until its deadline, whatever reads do.
   */
  readonly guard: (client: PartnerClient) => PartnerClient;
}

/** One object alone may fail for what it is; so many different ones in a row show that the partner does. */
const MOST_FAILING = 5;
/** Between probes: the first soon, then ever less often, with jitter. */
const PROBES = new ExponentialBackoff({ initialDelay: 5_000, maxDelay: 60_000 });

/** A closed circuit breaker. `onOpened` is told the subject whose read opened it, once for an outage. */
export function createReadBreaker(partner: Partner, onOpened: (subject: string) => void): ReadBreaker {
  const failing = new Set<string>();
  const circuit = circuitBreaker(handleWhen(isOutage), {
    halfOpenAfter: PROBES,
    breaker: { state: null, success: () => failing.clear(), failure: () => failing.size >= MOST_FAILING },
  });
  let isOut = false;
  circuit.onReset(() => {
    isOut = false;
  });
  const count = async <T>(subject: string, call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      if (isOutage(error)) failing.add(subject);
      else failing.clear();
      throw error;
    }
  };
  const ask = async <T>(subject: string, call: () => Promise<T>): Promise<T> => {
    // The breaker itself would have all others wait for the probe, which may hang.
    if (circuit.state === CircuitState.HalfOpen) throw circuitOpen(partner);
    try {
      return await circuit.execute(() => count(subject, call));
    } catch (error) {
      if (isBrokenCircuitError(error)) throw circuitOpen(partner);
      if (circuit.state === CircuitState.Open && !isOut) {
        isOut = true;
        onOpened(subject);
      }
      throw error;
    }
  };
  return {
    state: () => WORDS[circuit.state],
    guard: (client) => {
      const { sweep } = client;
      return {
        ...client,
        read: (key, readHints, hear) => ask(workflowIdOf(key), () => client.read(key, readHints, hear)),
        ...(sweep === undefined ? {} : { sweep: (window) => ask(`${partner}:sweep`, () => sweep(window)) }),
      };
    },
  };
}

const WORDS: Readonly<Record<CircuitState, CircuitWord>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Open]: 'open',
  [CircuitState.Isolated]: 'open',
};

function circuitOpen(partner: Partner): ReadFailure {
  return new ReadFailure('circuit open', `${partner} has not answered for a while`);
}
