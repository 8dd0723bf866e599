/**
 * Solves W (S + ridge I) = C for W by Cholesky's decomposition: the ridge regression of each row of C's variables on those
 * of S. All are n by n, row-major; S is symmetric, its lower half is read. Returns false, and leaves W, where S + ridge I
 * is not positive definite in floating point. Bounded work: n^3 / 6 + n^3 multiplications, nothing allocated.
 */
export function solveRidge(
  covariance: Float32Array,
  cross: Float32Array,
  ridge: number,
  n: number,
  weights: Float32Array,
  workspace: RidgeWorkspace,
): boolean {
  const factor = workspace.factor(n);
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = covariance[i * n + j]! + (i === j ? ridge : 0);
      for (let k = 0; k < j; k += 1) sum -= factor[i * n + k]! * factor[j * n + k]!;
      if (i !== j) factor[i * n + j] = sum / factor[j * n + j]!;
      else if (sum > 0) factor[i * n + i] = Math.sqrt(sum);
      else return false;
    }
  }
  const row = workspace.row;
  for (let target = 0; target < n; target += 1) {
    const from = target * n;
    for (let i = 0; i < n; i += 1) {
      let sum = cross[from + i]!;
      for (let k = 0; k < i; k += 1) sum -= factor[i * n + k]! * row[k]!;
      row[i] = sum / factor[i * n + i]!;
    }
    for (let i = n - 1; i >= 0; i -= 1) {
      let sum = row[i]!;
      for (let k = i + 1; k < n; k += 1) sum -= factor[k * n + i]! * row[k]!;
      row[i] = sum / factor[i * n + i]!;
      weights[from + i] = row[i]!;
    }
  }
  return true;
}

/** Room for the factor and one row, shared by all who solve one after the other. */
export interface RidgeWorkspace {
  factor(n: number): Float64Array;
  readonly row: Float64Array;
}

export function createRidgeWorkspace(largest: number): RidgeWorkspace {
  const factor = new Float64Array(largest * largest);
  return { factor: () => factor, row: new Float64Array(largest) };
}
