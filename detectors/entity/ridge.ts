/**
 * Cholesky's factor of S + ridge I, n by n, row-major; of the symmetric S the lower half is read. Returns false where it is
 * not positive definite in floating point. n^3 / 6 multiplications, nothing allocated.
 */
export function factorise(covariance: Float32Array, ridge: number, n: number, { factor }: RidgeWorkspace): boolean {
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = covariance[i * n + j]! + (i === j ? ridge : 0);
      for (let k = 0; k < j; k += 1) sum -= factor[i * n + k]! * factor[j * n + k]!;
      if (i !== j) factor[i * n + j] = sum / factor[j * n + j]!;
      else if (sum > 0) factor[i * n + i] = Math.sqrt(sum);
      else return false;
    }
  }
  return true;
}

/** W (S + ridge I) = C by the factor: the ridge regression of each row of C's variables on those of S. n^3 multiplications. */
export function solveRows(cross: Float32Array, n: number, weights: Float32Array, workspace: RidgeWorkspace): void {
  const { row } = workspace;
  for (let target = 0; target < n; target += 1) {
    for (let i = 0; i < n; i += 1) row[i] = cross[target * n + i]!;
    solveRow(n, workspace);
    for (let i = 0; i < n; i += 1) weights[target * n + i] = row[i]!;
  }
}

/**
 * Row i: 1 at i, and what the other variables tell of variable i, taken off: the rows of the inverse by their diagonal
 * (the regression of each on all others). Times `unexplained`, the diagonal by the ridge, what is left of a row is its part
 * outside of the principal directions: ridge (S + ridge I)^-1 keeps of each eigenvector's part ridge / (eigenvalue + ridge).
 */
export function relate(
  n: number,
  ridge: number,
  relations: Float32Array,
  unexplained: Float32Array,
  workspace: RidgeWorkspace,
): void {
  const { row } = workspace;
  for (let target = 0; target < n; target += 1) {
    row.fill(0, 0, n);
    row[target] = 1;
    solveRow(n, workspace);
    for (let i = 0; i < n; i += 1) relations[target * n + i] = row[i]! / row[target]!;
    unexplained[target] = ridge * row[target]!;
  }
}

function solveRow(n: number, { factor, row }: RidgeWorkspace): void {
  for (let i = 0; i < n; i += 1) {
    let sum = row[i]!;
    for (let k = 0; k < i; k += 1) sum -= factor[i * n + k]! * row[k]!;
    row[i] = sum / factor[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    let sum = row[i]!;
    for (let k = i + 1; k < n; k += 1) sum -= factor[k * n + i]! * row[k]!;
    row[i] = sum / factor[i * n + i]!;
  }
}

/** Room for the factor and one row, shared by all who solve one after the other. */
export interface RidgeWorkspace {
  readonly factor: Float64Array;
  readonly row: Float64Array;
}

export function createRidgeWorkspace(largest: number): RidgeWorkspace {
  return { factor: new Float64Array(largest * largest), row: new Float64Array(largest) };
}
