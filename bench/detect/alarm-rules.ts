/** Ways to turn a score into alarms without labels, fixed before the scored part begins. */
export interface AlarmRule {
  readonly name: string;
  alarms(scores: Float64Array, fitEnd: number): Uint8Array;
}

const robustThreshold = 10;
const sigmas = 3;

/** Ten robust standard deviations: for scores that are residuals over their scale. */
export const robustRule: AlarmRule = {
  name: 'z > 10',
  alarms: (scores) => Uint8Array.from(scores, (score) => (score > robustThreshold ? 1 : 0)),
};

/** Mean and three standard deviations of the part before, two of the latest three points. */
export const sigmaRule: AlarmRule = {
  name: 'mean + 3 sigma, 2 of 3',
  alarms(scores, fitEnd) {
    let mean = 0;
    for (let at = 0; at < fitEnd; at += 1) mean += scores[at]! / fitEnd;
    let squares = 0;
    for (let at = 0; at < fitEnd; at += 1) squares += (scores[at]! - mean) ** 2 / fitEnd;
    const threshold = mean + sigmas * Math.sqrt(squares);
    const above = Uint8Array.from(scores, (score) => (score > threshold ? 1 : 0));
    return above.map((own, at) => (own + (above[at - 1] ?? 0) + (above[at - 2] ?? 0) >= 2 ? 1 : 0));
  },
};
