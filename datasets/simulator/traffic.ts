import type { Random } from '../../model/index.ts';
import { gaussian } from './randomness.ts';
import type { Route } from './shop-routes.ts';
import { routes } from './shop-routes.ts';

/** Requests per second at the door, route by route. */
export interface Traffic {
  readonly meanRate: number;
  readonly rhythmMs: number;
  readonly rates: Float64Array;
  /** Slow wander of the whole, an AR(1) process with a memory of about 20 s. */
  wander: number;
}

export interface Boost {
  readonly route: string;
  /** Extra requests per second, in units of the mean rate of the whole shop. */
  readonly factor: number;
}

export function createTraffic(meanRate: number, rhythmMs: number): Traffic {
  return { meanRate, rhythmMs, rates: new Float64Array(routes.length), wander: 0 };
}

/** The day's shape around 1: a sine and its second harmonic, so that morning and evening differ. */
export function rhythm(atMs: number, rhythmMs: number): number {
  const phase = (2 * Math.PI * (atMs % rhythmMs)) / rhythmMs;
  return 1 + 0.16 * Math.sin(phase) + 0.05 * Math.sin(2 * phase + 1);
}

/** Moves traffic on by one tick of a second: rhythm, wander, chance of arrivals, and surges. */
export function advanceTraffic(traffic: Traffic, atMs: number, boosts: readonly Boost[], random: Random): void {
  traffic.wander = 0.95 * traffic.wander + 0.006 * gaussian(random);
  const level = traffic.meanRate * rhythm(atMs, traffic.rhythmMs) * (1 + traffic.wander);
  routes.forEach((route: Route, index) => {
    let rate = level * route.share;
    for (const boost of boosts) if (boost.route === route.name) rate += boost.factor * traffic.meanRate;
    // Arrivals of one second are Poisson; upstream load balancers and keep-alive smooth about half of it away.
    traffic.rates[index] = Math.max(0, rate + 0.5 * Math.sqrt(rate) * gaussian(random));
  });
}
