import type { SignalProfile } from './signal-profile.ts';
import type { Verdict } from './verdict.ts';

/** What a sample is judged by, beside its views: set anew for each sample. */
export interface Measure {
  direction: number;
  /** Widening of all limits, for youth and for what operators said. */
  young: number;
  threshold: number;
  /** Smallest deviation that matters: absolute, and as a share of the expected value upwards and downwards. */
  leastAbsolute: number;
  relativeUp: number;
  relativeDown: number;
  /** No scale falls below this, nor below `noiseFloor` of the expected value. */
  absoluteFloor: number;
  noiseFloor: number;
  /** Bands of what cannot be negative end at this. */
  floorOfBand: number;
}

export function createMeasure(): Measure {
  return {
    direction: 0,
    young: 1,
    threshold: 1,
    leastAbsolute: 0,
    relativeUp: 0,
    relativeDown: 0,
    absoluteFloor: 0,
    noiseFloor: 0,
    floorOfBand: Number.NEGATIVE_INFINITY,
  };
}

/** Takes over what is the same for all samples of a signal. `share` below 1 lowers what matters. */
export function measureBy(measure: Measure, profile: SignalProfile, share: number): void {
  measure.direction = profile.direction;
  measure.leastAbsolute = share * profile.minimumAbsolute;
  measure.relativeUp = share * profile.relativeUp;
  measure.relativeDown = share * profile.relativeDown;
  measure.noiseFloor = profile.noiseFloor;
  measure.floorOfBand = profile.nonNegative ? 0 : Number.NEGATIVE_INFINITY;
}

export interface Evidence {
  /** Signed residual over scale of the view last added, whatever its direction and size. */
  z: number;
  /** The floor of its scale, its smallest material deviation and half the width of its band. */
  floor: number;
  material: number;
  halfWidth: number;
  /** Sum of squares of what was material, since it was set to 0. */
  materialSquares: number;
  /**
   * What a view says: the residual over its scale, 0 on the good side or where too small to matter. The verdict takes the
   * view over as the one that says most if it does.
   */
  add(view: number, value: number, expected: number, learntScale: number): number;
  /** Only sets the figures above: nothing is said. */
  weigh(value: number, expected: number, learntScale: number): void;
  /** A view's score as it is. */
  take(view: number, score: number, expected: number, halfWidth: number): number;
  /** Shows this as the band. */
  show(expected: number): void;
}

export function createEvidence(verdict: Verdict, measure: Measure): Evidence {
  let most = 0;

  function weigh(value: number, expected: number, learntScale: number): void {
    const residual = value - expected;
    const size = Math.abs(expected);
    const relative = residual < 0 ? measure.relativeDown : measure.relativeUp;
    const scale = Math.max(learntScale, measure.noiseFloor * size, measure.absoluteFloor);
    evidence.floor = Math.max(measure.noiseFloor * size, measure.absoluteFloor);
    evidence.z = residual / scale;
    evidence.material = Math.max(measure.leastAbsolute, relative * size);
    evidence.halfWidth = Math.max(measure.threshold * measure.young * scale, evidence.material);
  }

  function take(view: number, score: number, expected: number, halfWidth: number): number {
    verdict.viewScores[view] = score;
    if (verdict.view !== 0 && score <= most) return score;
    most = score;
    verdict.view = view;
    verdict.expected = expected;
    verdict.lower = Math.max(measure.floorOfBand, expected - halfWidth);
    verdict.upper = expected + halfWidth;
    return score;
  }

  const evidence: Evidence = {
    z: 0,
    floor: 0,
    material: 0,
    halfWidth: 0,
    materialSquares: 0,
    weigh,
    take,
    add: (view, value, expected, learntScale) => {
      weigh(value, expected, learntScale);
      const score = (measure.direction === 0 ? Math.abs(evidence.z) : evidence.z * measure.direction) / measure.young;
      if (score <= 0) return 0;
      if (Math.abs(value - expected) >= evidence.material) {
        evidence.materialSquares += score * score;
        take(view, score, expected, evidence.halfWidth);
      }
      return score;
    },
    show: (expected) => {
      verdict.bandExpected = expected;
      verdict.bandLower = Math.max(measure.floorOfBand, expected - evidence.halfWidth);
      verdict.bandUpper = expected + evidence.halfWidth;
    },
  };
  return evidence;
}
