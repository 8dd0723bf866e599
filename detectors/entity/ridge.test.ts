import { expect, it } from 'vitest';
import { createRidgeWorkspace, factorise, relate } from './ridge.ts';

it('keeps of a row what lies off the usual directions: the share ridge / (eigenvalue + ridge) of each', () => {
  // Two metrics that go together: eigenvalue 1.9 along (1, 1), 0.1 along (1, -1).
  const covariance = Float32Array.of(1, 0, 0.9, 1);
  const ridge = 0.1;
  const workspace = createRidgeWorkspace(2);
  const relations = new Float32Array(4);
  const unexplained = new Float32Array(2);
  expect(factorise(covariance, ridge, 2, workspace)).toBe(true);
  relate(2, ridge, relations, unexplained, workspace);
  const left = (a: number, b: number) =>
    [0, 1].map((i) => unexplained[i]! * (relations[2 * i]! * a + relations[2 * i + 1]! * b));
  const along = 0.1 / (1.9 + 0.1);
  const across = 0.1 / (0.1 + 0.1);
  expect(left(1, 1)[0]).toBeCloseTo(along, 5);
  expect(left(1, 1)[1]).toBeCloseTo(along, 5);
  expect(left(1, -1)[0]).toBeCloseTo(across, 5);
  expect(left(1, -1)[1]).toBeCloseTo(-across, 5);
});
