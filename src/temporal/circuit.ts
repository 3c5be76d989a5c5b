import { circuitBreaker, CircuitState, ConsecutiveBreaker, ExponentialBackoff, handleAll } from 'cockatiel';

/** The knowledge whether Temporal is away, as against one workflow that it does not take. */
export interface TemporalCircuit {
  /** True from the moment at which Temporal was found away until it has answered again. Asks nobody. */
  isKnownAway(): boolean;
  /** True where Temporal does not answer. Asked again after waits that grow while it does not. */
  isAway(): Promise<boolean>;
}

/** Waits between two questions while Temporal does not answer. */
const WAITS = { initialDelay: 100, maxDelay: 5_000 };

/** Questions of which one has to be answered: a single one may fall on a part of Temporal that is in trouble. */
const QUESTIONS = 3;

/**
 * A circuit breaker over questions about workflows that do not exist. Every failed signal is judged by it: where such
 * a question is answered, the failure belongs to the signal's own subject. `ask` rejects where it is not answered.
 */
export function createTemporalCircuit(ask: () => Promise<void>): TemporalCircuit {
  const breaker = circuitBreaker(handleAll, {
    halfOpenAfter: new ExponentialBackoff(WAITS),
    breaker: new ConsecutiveBreaker(1),
  });
  const askSome = async (): Promise<boolean> => {
    try {
      await breaker.execute(() => Promise.any(Array.from({ length: QUESTIONS }, ask)));
      return false;
    } catch {
      return true;
    }
  };
  let asking: Promise<boolean> | null = null;
  return {
    isKnownAway: () => breaker.state !== CircuitState.Closed,
    isAway: () => {
      asking ??= askSome().finally(() => {
        asking = null;
      });
      return asking;
    },
  };
}
