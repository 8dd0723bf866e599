export interface Eigen {
  /** Largest first. */
  readonly values: Float64Array;
  /** By eigenvalue, unit length. */
  readonly vectors: readonly Float64Array[];
}

const sweeps = 30;

/** Eigenvalues and vectors of a symmetric matrix, row-major (Jacobi's rotations; Golub and Van Loan, 8.5). */
export function symmetricEigen(matrix: Float64Array): Eigen {
  const size = Math.round(Math.sqrt(matrix.length));
  const a = matrix.slice();
  const v = new Float64Array(size * size);
  for (let at = 0; at < size; at += 1) v[at * size + at] = 1;
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    if (offDiagonal(a, size) < 1e-20 * diagonal(a, size)) break;
    for (let p = 0; p < size - 1; p += 1) for (let q = p + 1; q < size; q += 1) rotate(a, v, size, p, q);
  }
  const order = Array.from({ length: size }, (_, at) => at).sort((i, j) => a[j * size + j]! - a[i * size + i]!);
  return {
    values: Float64Array.from(order, (at) => a[at * size + at]!),
    vectors: order.map((column) => Float64Array.from({ length: size }, (_, row) => v[row * size + column]!)),
  };
}

function rotate(a: Float64Array, v: Float64Array, size: number, p: number, q: number): void {
  const apq = a[p * size + q]!;
  if (apq === 0) return;
  const theta = (a[q * size + q]! - a[p * size + p]!) / (2 * apq);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < size; k += 1) turn(a, k * size + p, k * size + q, c, s);
  for (let k = 0; k < size; k += 1) turn(a, p * size + k, q * size + k, c, s);
  for (let k = 0; k < size; k += 1) turn(v, k * size + p, k * size + q, c, s);
}

function turn(values: Float64Array, left: number, right: number, c: number, s: number): void {
  const [x, y] = [values[left]!, values[right]!];
  values[left] = c * x - s * y;
  values[right] = s * x + c * y;
}

function offDiagonal(a: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i += 1) for (let j = 0; j < i; j += 1) sum += a[i * size + j]! ** 2;
  return sum;
}

function diagonal(a: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i += 1) sum += a[i * size + i]! ** 2;
  return sum;
}
