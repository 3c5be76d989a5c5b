import type { Sent } from '../src/simulator/sender';
import type { Place } from './place';

/** Every webhook that was answered with 200 is kept, nothing waits for ever, and the balance says so. */
export async function deliveryProblems(place: Place): Promise<readonly string[]> {
  const balance = await place.operations.balance();
  const kept = await place.database.kysely.selectFrom('deliveries').select(['id', 'status', 'outcome']).execute();
  const ids = new Set(kept.map(({ id }) => id));
  const lost = sentBy(place).filter(({ deliveryId }) => deliveryId !== null && !ids.has(deliveryId));
  const waiting = kept.filter(
    ({ status, outcome }) => status === 'pending' || (status === 'delivered' && outcome === null),
  );
  return [
    ...(balance.balanced ? [] : ['the balance is not balanced']),
    ...lost.map(
      ({ deliveryId, script }) =>
        `the delivery ${deliveryId ?? ''} of ${script ?? ''} was answered with 200 and is not kept`,
    ),
    ...waiting.map(({ id, status }) => `the delivery ${id} waits for ever: ${status}`),
  ];
}

/** Requests that all simulated partners have sent. */
export function sentBy({ simulators }: Place): readonly Sent[] {
  return Object.values(simulators).flatMap((simulator) => simulator?.sent() ?? []);
}
