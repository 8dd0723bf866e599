import { describe, expect, test } from 'vitest';
import { type HpaHistory, hpaReplicas, stabilised } from './hpa.ts';

const pod = (usage: number | undefined, ready = true) => ({ ready, usage, request: 1 });
const base = { targetUtilisation: 0.5, tolerance: 0.1, minReplicas: 1, maxReplicas: 100 };
const wish = (replicas: number, pods: readonly ReturnType<typeof pod>[]) => hpaReplicas({ ...base, replicas, pods });

// Cases after pkg/controller/podautoscaler/replica_calculator_test.go of Kubernetes.
describe('the HPA rule', () => {
  test('scales by the ratio of usage to target, rounded up', () => {
    expect(wish(3, [pod(0.6), pod(0.7), pod(0.8)])).toBe(5);
    expect(wish(3, [pod(0.3), pod(0.3), pod(0.3)])).toBe(2);
    expect(wish(2, [pod(0.5), pod(1)])).toBe(3);
  });

  test('holds within the tolerance, to the edge', () => {
    expect(wish(3, [pod(0.55), pod(0.55), pod(0.55)])).toBe(3);
    expect(wish(3, [pod(0.45), pod(0.45), pod(0.45)])).toBe(3);
    expect(wish(3, [pod(0.56), pod(0.56), pod(0.56)])).toBe(4);
  });

  test('counts a missing metric as full use when scaling down, as none when scaling up', () => {
    expect(wish(4, [pod(0.1), pod(0.1), pod(0.1), pod(undefined)])).toBe(3);
    expect(wish(4, [pod(0.1), pod(0.1), pod(undefined), pod(undefined)])).toBe(4);
    expect(wish(3, [pod(0.9), pod(0.9), pod(undefined)])).toBe(4);
    expect(wish(3, [pod(0.7), pod(undefined), pod(undefined)])).toBe(3);
  });

  test('leaves unready pods out going down, counts them as idle going up', () => {
    expect(wish(3, [pod(0.8), pod(0.8), pod(undefined, false)])).toBe(3);
    expect(wish(3, [pod(1), pod(1), pod(1, false)])).toBe(4);
    expect(wish(3, [pod(0.2), pod(0.2), pod(undefined, false)])).toBe(1);
  });

  test('takes at most max(2n, 4) in one step, within the bounds, and holds where nothing is measured', () => {
    expect(wish(1, [pod(5)])).toBe(4);
    expect(
      wish(
        5,
        Array.from({ length: 5 }, () => pod(5)),
      ),
    ).toBe(10);
    expect(hpaReplicas({ ...base, maxReplicas: 7, replicas: 5, pods: Array.from({ length: 5 }, () => pod(5)) })).toBe(
      7,
    );
    expect(wish(3, [pod(undefined), pod(undefined), pod(undefined)])).toBe(3);
    expect(wish(3, [])).toBe(3);
  });

  test('scales down to the highest wish of the window', () => {
    const history: HpaHistory = [];
    expect(stabilised(history, 0, 8, 300)).toBe(8);
    expect(stabilised(history, 200_000, 3, 300)).toBe(8);
    expect(stabilised(history, 301_000, 3, 300)).toBe(3);
  });
});
