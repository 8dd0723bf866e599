/** One pod as a queue: how many requests it serves at once, and how fast. */
export interface PodCapacity {
  /** CPU it may use, in cores. */
  readonly cores: number;
  /** CPU seconds of one request. */
  readonly coreSecondsPerRequest: number;
}

/**
 * 95th percentile of the time requests wait for CPU, in seconds, in an M/M/c queue: `P(W > t) = C · e^(-(cμ-λ)t)` with
 * Erlang's C. A pod with fewer than one core is one slow server. Infinite at or beyond capacity.
 */
export function waitP95Seconds(ratePerPod: number, { cores, coreSecondsPerRequest }: PodCapacity): number {
  if (ratePerPod <= 0 || coreSecondsPerRequest <= 0) return 0;
  const servers = Math.max(1, Math.round(cores));
  const serviceRate = cores / servers / coreSecondsPerRequest;
  const spare = servers * serviceRate - ratePerPod;
  if (spare <= 0) return Number.POSITIVE_INFINITY;
  const waiting = erlangC(servers, ratePerPod / serviceRate);
  return waiting <= 0.05 ? 0 : Math.log(waiting / 0.05) / spare;
}

/** Probability that a request finds all servers busy, at an offered load below their number. */
export function erlangC(servers: number, offered: number): number {
  // Erlang B by its recursion, which neither overflows nor loses digits; C from B.
  let blocked = 1;
  for (let k = 1; k <= servers; k++) blocked = (offered * blocked) / (k + offered * blocked);
  return (servers * blocked) / (servers - offered * (1 - blocked));
}
