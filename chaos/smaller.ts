import type { Plan } from './plan';

/** Function that runs a plan; true where it fails. */
export type Fails = (plan: Plan) => Promise<boolean>;

/**
 * Plan as small as a few runs could make it that still fails: halves of the faults and of the subjects are left out, one
 * list after the other, as long as what is left fails. A failure that needs luck may not come again; then the plan stays.
 */
export async function smaller(plan: Plan, fails: Fails, mostRuns: number): Promise<Plan> {
  let runs = 0;
  const stillFails = async (candidate: Plan): Promise<boolean> => {
    runs += 1;
    return fails(candidate);
  };
  let smallest = plan;
  for (const part of ['faults', 'subjects'] as const) {
    let pieces = 2;
    while (smallest[part].length > 1 && pieces <= smallest[part].length && runs < mostRuns) {
      const candidate = await firstFailing(smallest, part, pieces, (one) =>
        runs < mostRuns ? stillFails(one) : Promise.resolve(false),
      );
      if (candidate === null) pieces *= 2;
      else {
        smallest = candidate;
        pieces = 2;
      }
    }
  }
  return smallest;
}

/** First plan that fails without one of so many pieces of a list; null where each is needed. */
async function firstFailing(
  plan: Plan,
  part: 'faults' | 'subjects',
  pieces: number,
  fails: Fails,
): Promise<Plan | null> {
  const size = Math.ceil(plan[part].length / pieces);
  for (let first = 0; first < plan[part].length; first += size) {
    const without = (_: unknown, index: number): boolean => index < first || index >= first + size;
    const candidate = { ...plan, [part]: plan[part].filter(without) };
    if (await fails(candidate)) return candidate;
  }
  return null;
}
