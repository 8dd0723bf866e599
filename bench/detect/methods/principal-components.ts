import { symmetricEigen } from './symmetric-eigen.ts';

/** Reads row `at` of the data into `into`. */
export type RowReader = (at: number, into: Float64Array) => void;

export interface PrincipalComponents {
  readonly mean: Float64Array;
  /** Directions of the largest variance, as many as hold the share asked for. */
  readonly components: readonly Float64Array[];
}

/** Principal components of rows `from` to `end`, every `step`-th, that hold this share of the variance. */
export function fitComponents(
  read: RowReader,
  width: number,
  rows: { readonly from: number; readonly end: number; readonly step: number },
  share: number,
): PrincipalComponents {
  const row = new Float64Array(width);
  const mean = new Float64Array(width);
  const moments = new Float64Array(width * width);
  let count = 0;
  for (let at = rows.from; at < rows.end; at += rows.step) {
    read(at, row);
    count += 1;
    for (let i = 0; i < width; i += 1) {
      const left = row[i]!;
      mean[i] = mean[i]! + left;
      for (let j = 0; j <= i; j += 1) moments[i * width + j] = moments[i * width + j]! + left * row[j]!;
    }
  }
  for (let i = 0; i < width; i += 1) mean[i] = mean[i]! / Math.max(1, count);
  for (let i = 0; i < width; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      const covariance = moments[i * width + j]! / Math.max(1, count) - mean[i]! * mean[j]!;
      moments[i * width + j] = covariance;
      moments[j * width + i] = covariance;
    }
  }
  const { values, vectors } = symmetricEigen(moments);
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  let held = 0;
  let wanted = 0;
  while (wanted < width && held < share * total) {
    held += values[wanted]!;
    wanted += 1;
  }
  return { mean, components: vectors.slice(0, wanted) };
}

/** What the components do not tell of a row, into `row`, which is overwritten. */
export function leaveResidual({ mean, components }: PrincipalComponents, row: Float64Array): void {
  for (let i = 0; i < row.length; i += 1) row[i] = row[i]! - mean[i]!;
  for (const component of components) {
    let along = 0;
    for (let i = 0; i < row.length; i += 1) along += row[i]! * component[i]!;
    for (let i = 0; i < row.length; i += 1) row[i] = row[i]! - along * component[i]!;
  }
}
