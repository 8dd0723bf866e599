/** The sample that is being scored, and what its views say of it on the way. */
export interface Sample {
  timeMs: number;
  /** The same by the clock on the wall; set where there is a season or a profile of the hour. */
  localMs: number;
  /** How long ago the sample before was, NaN of the first. */
  gapMs: number;
  /** What was received; what that means; what of it is scored; and what was taken off since it comes with the hour. */
  raw: number;
  reading: number;
  value: number;
  work: number;
  /** Whether it is the first of its day, by UTC. */
  newDay: boolean;
  /** The value before, and how long ago that was, no more than ten intervals. */
  last: number;
  sinceLastMs: number;
  /** What is usual at this time of day, NaN while unknown. */
  season: number;
  /** As in the season's `Moment`: what the quarters of an hour around it have, and how far those lie apart. */
  least: number;
  most: number;
  rise: number;
  /** Whether those lie far apart and the value between them: a day's edge, which is no news. */
  onEdge: boolean;
  /** Distance from the usual level, and how large it must be to matter. */
  residual: number;
  material: number;
  /** False while an operator's window says that nothing is to be learnt. */
  teaches: boolean;
}

export function createSample(): Sample {
  return {
    timeMs: Number.NaN,
    localMs: Number.NaN,
    gapMs: Number.NaN,
    raw: Number.NaN,
    reading: Number.NaN,
    value: Number.NaN,
    work: Number.NaN,
    newDay: false,
    last: Number.NaN,
    sinceLastMs: Number.NaN,
    season: Number.NaN,
    least: Number.NaN,
    most: Number.NaN,
    rise: Number.NaN,
    onEdge: false,
    residual: Number.NaN,
    material: Number.NaN,
    teaches: true,
  };
}
