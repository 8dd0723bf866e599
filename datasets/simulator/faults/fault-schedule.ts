import { between, randomFrom, shuffled } from '../randomness.ts';
import type { Fault, FaultPlan } from './fault.ts';

const second = 1000;
const minute = 60 * second;

/** The pair of the story comes again after this long. */
export const storyPeriodMs = 20 * minute;

/** Stateless services on whose answer the page depends: where a leak reaches the users. */
export const leakPlaces = ['catalogue', 'cart', 'user', 'orders', 'payment'] as const;

/** The route that surges and the service that it loads most. */
export const surgeRoutes: Readonly<Record<string, string>> = {
  catalogue: 'product',
  search: 'search',
  cart: 'cart',
  user: 'login',
};

/**
 * The story's faults of one cycle: a leak soon after the cycle begins, a surge six minutes in, at places that change
 * from cycle to cycle. Place and time follow from the seed.
 */
export function storyFaults(seed: number, cycle: number): readonly FaultPlan[] {
  const leaks = shuffled(randomFrom(seed, 'leak-places'), leakPlaces);
  const surges = shuffled(randomFrom(seed, 'surge-places'), Object.keys(surgeRoutes));
  const leakPlace = leaks[cycle % leaks.length];
  // A surge where the leak just was would be met by what healed the leak.
  const surgePlaces = surges.filter((place) => place !== leakPlace);
  const random = randomFrom(seed, 'story', cycle);
  const start = cycle * storyPeriodMs;
  return [
    {
      kind: 'memory-leak',
      target: leakPlace,
      afterMs: start + Math.round(between(random, 15 * second, 30 * second)),
      durationMs: 4 * minute,
      magnitude: between(random, 37, 42),
    },
    {
      kind: 'traffic-surge',
      target: surgePlaces[cycle % surgePlaces.length],
      afterMs: start + 6 * minute + Math.round(between(random, -10 * second, 10 * second)),
      durationMs: Math.round(between(random, 180 * second, 240 * second)),
      magnitude: between(random, 2.6, 3),
      rampMs: Math.round(between(random, 60 * second, 90 * second)),
    },
  ];
}

/** Which faults a world has, as time goes on. */
export interface FaultSchedule {
  /** Everything planned up to this moment (whole cycles), in order of onset. */
  until(atMs: number): readonly Fault[];
}

export function createFaultSchedule(
  seed: number,
  liveMs: number,
  plans: 'story' | readonly FaultPlan[],
): FaultSchedule {
  const faults: Fault[] = [];
  let cycles = 0;

  function add(planned: readonly FaultPlan[]): void {
    for (const plan of planned) {
      const onsetMs = liveMs + plan.afterMs;
      faults.push({ ...plan, id: `fault-${faults.length + 1}`, onsetMs, endMs: onsetMs + plan.durationMs });
    }
  }
  if (plans !== 'story') add([...plans].sort((a, b) => a.afterMs - b.afterMs));

  return {
    until(atMs) {
      while (plans === 'story' && liveMs + cycles * storyPeriodMs <= atMs) add(storyFaults(seed, cycles++));
      return faults;
    },
  };
}
