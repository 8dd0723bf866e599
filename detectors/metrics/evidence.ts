import type { SignalProfile } from './signal-profile.ts';
import type { Verdict } from './verdict.ts';

/** What a sample is judged by, beside its views: set anew for each sample. */
export interface Measure {
  direction: number;
  /** It counts what is rare. */
  rests: boolean;
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
    rests: false,
    young: Number.NaN,
    threshold: Number.NaN,
    leastAbsolute: Number.NaN,
    relativeUp: Number.NaN,
    relativeDown: Number.NaN,
    absoluteFloor: Number.NaN,
    noiseFloor: Number.NaN,
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

/**
 * Weighs one residual after the other. What goes in and comes out are fields, not arguments and results: V8 puts a number
 * that a function is given or gives into an object of its own, twenty of them a sample.
 */
export interface Evidence {
  /** In: what is weighed, what was expected of it, and the scale learnt for their difference. */
  value: number;
  expected: number;
  learntScale: number;
  /** Out: signed residual over scale of the view last weighed, whatever its direction and size. */
  z: number;
  /** The floor of its scale, its smallest material deviation and half the width of its band. */
  floor: number;
  material: number;
  halfWidth: number;
  /** What the view last added says: the residual over its scale, 0 on the good side. */
  said: number;
  /** The most that a view of this sample has said so far. */
  most: number;
  /** Sum of squares of what was material, since it was set to 0. */
  materialSquares: number;
  /**
   * What a view says of what is weighed; 0 on the good side. Where it is large enough to matter the verdict takes the
   * view over as the one that says most if it does.
   */
  add(view: number): void;
  /** Only sets the figures above: nothing is said. */
  weigh(): void;
  /** A view says `said`, expecting `expected` within `halfWidth`, whatever was weighed. */
  take(view: number): void;
  /** Shows what is expected, and the width last weighed, as the band. */
  show(): void;
}

export function createEvidence(verdict: Verdict, measure: Measure): Evidence {
  function weigh(): void {
    const { expected } = evidence;
    const residual = evidence.value - expected;
    const size = Math.abs(expected);
    const relative = residual < 0 ? measure.relativeDown : measure.relativeUp;
    const floor = Math.max(measure.noiseFloor * size, measure.absoluteFloor);
    const scale = Math.max(evidence.learntScale, floor);
    const material = Math.max(measure.leastAbsolute, relative * size);
    evidence.floor = floor;
    evidence.z = residual / scale;
    evidence.material = material;
    evidence.halfWidth = Math.max(measure.threshold * measure.young * scale, material);
  }

  function take(view: number): void {
    const { said, expected, halfWidth } = evidence;
    verdict.viewScores[view] = said;
    if (verdict.view !== 0 && said <= evidence.most) return;
    evidence.most = said;
    verdict.view = view;
    verdict.expected = expected;
    verdict.lower = Math.max(measure.floorOfBand, expected - halfWidth);
    verdict.upper = expected + halfWidth;
  }

  const evidence: Evidence = {
    value: Number.NaN,
    expected: Number.NaN,
    learntScale: Number.NaN,
    z: Number.NaN,
    floor: Number.NaN,
    material: Number.NaN,
    halfWidth: Number.NaN,
    said: Number.NaN,
    most: Number.NaN,
    materialSquares: Number.NaN,
    weigh,
    take,
    add: (view) => {
      weigh();
      const score = (measure.direction === 0 ? Math.abs(evidence.z) : evidence.z * measure.direction) / measure.young;
      evidence.said = Math.max(score, 0);
      if (score > 0 && Math.abs(evidence.value - evidence.expected) >= evidence.material) {
        evidence.materialSquares += score * score;
        take(view);
      }
    },
    show: () => {
      const { expected, halfWidth } = evidence;
      verdict.bandExpected = expected;
      verdict.bandLower = Math.max(measure.floorOfBand, expected - halfWidth);
      verdict.bandUpper = expected + halfWidth;
    },
  };
  return evidence;
}
