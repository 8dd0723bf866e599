import { logOdds, probabilityOf, type Weights } from './failure-odds.ts';
import { oneSided } from './forecast-risk.ts';
import type { NodeRecord } from './node-record.ts';
import { signCount, signKinds, signOfCondition } from './signs.ts';

/** In this order: the signs, and how far the forecast's errors lean to the bad side. */
export const healthFeatures = [...signKinds, 'forecast'] as const;

/** How likely a node fails within the horizon by what it shows beside its resources. One object, overwritten. */
export interface NodeHealth {
  probability: number;
  readonly features: Float64Array;
  /** Slot whose forecast errors lean most, -1 where none do. */
  worstSlot: number;
}

/** Further signs of a kind say no more. */
const most = 6;
/** A series that ended so long ago says nothing of now. */
const silentMs = 1_800_000;

export function createHealthLook(weights: Weights) {
  const health: NodeHealth = { probability: 0, features: new Float64Array(healthFeatures.length), worstSlot: -1 };

  return (node: NodeRecord, nowMs: number): NodeHealth => {
    const { features } = health;
    for (const [at, kind] of signKinds.entries()) features[at] = signCount(node.signs, kind, nowMs);
    for (const condition of node.holding) {
      const sign = signOfCondition(condition);
      if (sign !== undefined) features[signKinds.indexOf(sign)]! += 1;
    }
    // A shortage is one however often it comes and goes.
    const pressureAt = signKinds.indexOf('pressure');
    features[pressureAt] = Math.min(1, features[pressureAt]!);
    if (!node.ready) features[signKinds.indexOf('flap')]! += 1;
    if (node.heartbeatLate && node.ready) features[signKinds.indexOf('late')]! += 1;
    for (let at = 0; at < signKinds.length; at += 1) features[at] = Math.min(most, features[at]!);
    let worst = 0;
    health.worstSlot = -1;
    for (const [slot, risk] of node.risks) {
      if (nowMs - risk.latestMs > silentMs) continue;
      const leaning = oneSided(risk);
      if (leaning <= worst) continue;
      worst = leaning;
      health.worstSlot = slot;
    }
    features[signKinds.length] = Math.min(most, worst);
    health.probability = probabilityOf(logOdds(weights, features));
    return health;
  };
}

/** When it happens, if it does so at a constant rate that makes this probability of the horizon: quantiles in milliseconds. */
export function waitingTimes(probability: number, horizonMs: number) {
  const rate = -Math.log(1 - Math.min(0.999, probability)) / horizonMs;
  const quantile = (share: number) => -Math.log(1 - share) / rate;
  return { expectedMs: quantile(0.5), earliestMs: quantile(0.1), latestMs: quantile(0.9) };
}
