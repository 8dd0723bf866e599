/** A way to turn a score into alarms without labels, fixed before the scored part begins. */
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
    return persistent(
      scores.map((score) => (score > threshold ? 1 : 0)),
      2,
      3,
    );
  },
};

/** This threshold, `needed` of the latest `window` points. */
export function fixedRule(threshold: number, needed: number, window: number): AlarmRule {
  return {
    name: `score >= ${threshold}, ${needed} of ${window}`,
    alarms: (scores) =>
      persistent(
        scores.map((score) => (score >= threshold ? 1 : 0)),
        needed,
        window,
      ),
  };
}

/** 1 where so many of the latest `window` flags are set. */
function persistent(flags: Float64Array, needed: number, window: number): Uint8Array {
  let set = 0;
  return Uint8Array.from(flags, (flag, at) => {
    set += flag - (at >= window ? flags[at - window]! : 0);
    return set >= needed ? 1 : 0;
  });
}
