import { describe, expect, test } from 'vitest';
import { erlangC, waitP95Seconds } from './queue.ts';
import { fitServiceModel, modelledLatencyMs } from './service-model.ts';

describe("Erlang's C", () => {
  // Textbook values: Kleinrock, Queueing Systems I; for one server it is the utilisation.
  test.each([
    [1, 0.5, 0.5],
    [2, 1, 1 / 3],
    [3, 2, 0.44444],
    [10, 8, 0.40918],
  ])('with %i servers at %d erlangs is %d', (servers, offered, expected) => {
    expect(erlangC(servers, offered)).toBeCloseTo(expected, 4);
  });
});

describe('waiting', () => {
  test('in M/M/1 has the known 95th percentile', () => {
    const [rate, serviceSeconds] = [50, 0.01];
    const wait = waitP95Seconds(rate, { cores: 1, coreSecondsPerRequest: serviceSeconds });
    expect(wait).toBeCloseTo(Math.log(0.5 / 0.05) / (100 - 50), 9);
  });

  test('grows with load without bound, and shrinks with cores', () => {
    const at = (rate: number, cores: number) => waitP95Seconds(rate, { cores, coreSecondsPerRequest: 0.01 });
    expect(at(99, 1)).toBeGreaterThan(at(80, 1));
    expect(at(100, 1)).toBe(Number.POSITIVE_INFINITY);
    expect(at(80, 2)).toBeLessThan(at(80, 1));
    expect(at(0, 1)).toBe(0);
  });
});

describe('the model of a service', () => {
  const truth = { coreSeconds: 0.008, baseMs: 40 };
  const moment = (requestRate: number) => {
    const waitMs = 1000 * waitP95Seconds(requestRate / 2, { cores: 1, coreSecondsPerRequest: truth.coreSeconds });
    return {
      requestRate,
      cpuCores: requestRate * truth.coreSeconds,
      latencyP95Ms: truth.baseMs + waitMs,
      replicas: 2,
      coresPerPod: 1,
    };
  };

  test('is found again from what it makes, and foresees loads that were not seen', () => {
    const model = fitServiceModel(Array.from({ length: 40 }, (_, row) => moment(60 + row)));
    expect(model).toMatchObject({ coreSecondsPerRequest: expect.closeTo(0.008), baseLatencyMs: expect.closeTo(40) });
    if (model === undefined) throw new Error('no model');
    const unseen = moment(200);
    expect(modelledLatencyMs(model, 200, { replicas: 2, coresPerPod: 1 })).toBeCloseTo(unseen.latencyP95Ms, 3);
    expect(modelledLatencyMs(model, 300, { replicas: 2, coresPerPod: 1 })).toBe(Number.POSITIVE_INFINITY);
    expect(modelledLatencyMs(model, 300, { replicas: 4, coresPerPod: 1 })).toBeLessThan(100);
  });

  test('is not made from too little, or from a service without traffic', () => {
    expect(fitServiceModel([moment(60)])).toBeUndefined();
    expect(fitServiceModel(Array.from({ length: 40 }, () => moment(0)))).toBeUndefined();
  });
});
