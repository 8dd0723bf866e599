import { createNormaliser, inputClip } from '../index.ts';

/** A series as the network meets it when serving: `targets[t]` is the next value in the scale that held at t. */
export interface NormalisedSeries {
  readonly inputs: Float32Array;
  readonly targets: Float32Array;
}

/** Runs the values through the normaliser that serving uses, one after the other. */
export function normaliseSeries(values: Float64Array): NormalisedSeries {
  const normaliser = createNormaliser(1);
  const steps = values.length - 1;
  const inputs = new Float32Array(steps);
  const targets = new Float32Array(steps);
  for (let at = 0; at < steps; at++) {
    inputs[at] = normaliser.observe(0, values[at]!);
    targets[at] = Math.max(-inputClip, Math.min(inputClip, normaliser.normalise(0, values[at + 1]!)));
  }
  return { inputs, targets };
}
