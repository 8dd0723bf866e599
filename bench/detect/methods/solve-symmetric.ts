/** Solves A x = b for symmetric positive definite A, given row-major by its lower triangle, which is overwritten (Cholesky). */
export function solveSymmetric(matrix: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = matrix[i * size + j]!;
      for (let k = 0; k < j; k += 1) sum -= matrix[i * size + k]! * matrix[j * size + k]!;
      matrix[i * size + j] = i === j ? Math.sqrt(sum) : sum / matrix[j * size + j]!;
    }
  }
  const solution = right.slice();
  for (let i = 0; i < size; i += 1) {
    for (let k = 0; k < i; k += 1) solution[i] = solution[i]! - matrix[i * size + k]! * solution[k]!;
    solution[i] = solution[i]! / matrix[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < size; k += 1) solution[i] = solution[i]! - matrix[k * size + i]! * solution[k]!;
    solution[i] = solution[i]! / matrix[i * size + i]!;
  }
  return solution;
}
