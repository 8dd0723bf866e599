import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../../model/index.ts';
import { type ForecastModel, forecastWindow } from '../forecast-model.ts';
import { loadForecastModel, shippedForecastModelPath } from '../load-forecast-model.ts';
import { openTiledSession } from '../open-session.ts';
import { apartLimit } from '../precision.ts';
import { randomWeights } from '../testing/random-weights.ts';
import { writeModel } from '../testing/write-model.ts';
import { exportNetwork } from './export-network.ts';
import { quantiseNetwork } from './quantise-network.ts';

const slots = Uint32Array.from({ length: 40 }, (_, slot) => slot);
const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

async function open(path: string, precision: 'float32' | 'int8'): Promise<ForecastModel> {
  const model = await loadForecastModel({ path, threads: 1, precision });
  model.ensure(slots.length);
  return model;
}

async function fileOf(seed: number): Promise<string> {
  const path = await writeModel(exportNetwork(randomWeights(seed), 'gemm'));
  folders.push(dirname(path));
  return path;
}

/** Forecasts after each of so many points of forty series: noise, waves, and every tenth stands still. */
async function forecasts(model: ForecastModel, points: number, seed: number): Promise<Float32Array[]> {
  const random = createRandom(seed);
  const made: Float32Array[] = [];
  for (let point = 0; point < points; point += 1) {
    const inputs = Float32Array.from(slots, (slot) => {
      if (slot % 10 === 0) return 0;
      return slot % 2 === 0 ? random() * 8 - 4 : 2 * Math.sin(point / (slot + 2));
    });
    const predictions = new Float32Array(slots.length);
    await model.step(slots, inputs, slots.length, predictions);
    made.push(predictions);
  }
  return made;
}

describe('a network in int8', () => {
  test('forecasts what the file forecasts but for a little, whatever its weights, its state carried over', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 - 1 }), async (seed) => {
        const path = await fileOf(seed);
        const [exact, rounded] = [await open(path, 'float32'), await open(path, 'int8')];
        const [expected, found] = [await forecasts(exact, 120, seed), await forecasts(rounded, 120, seed)];
        let sum = 0;
        let largest = 0;
        for (const [point, predictions] of found.entries()) {
          for (const [row, prediction] of predictions.entries()) {
            const apart = Math.abs(prediction - expected[point]![row]!);
            sum += apart;
            largest = Math.max(largest, apart);
          }
        }
        expect(found).not.toEqual(expected);
        // Of sixty random networks the mean was .0035, the largest .0074; one of thousands had .011.
        expect(sum / (found.length * slots.length)).toBeLessThan(apartLimit);
        expect(largest).toBeLessThan(0.1);
        await Promise.all([exact.close(), rounded.close()]);
      }),
      { numRuns: 3 },
    );
  });

  test('says the same every time, to the bit, and of a series the same alone and beside others', async () => {
    const [first, second, alone] = [
      await open(shippedForecastModelPath, 'int8'),
      await open(shippedForecastModelPath, 'int8'),
      await open(shippedForecastModelPath, 'int8'),
    ];
    const made = await forecasts(first, 50, 3);
    expect(await forecasts(second, 50, 3)).toEqual(made);
    const random = createRandom(4);
    const [many, one] = [new Float32Array(slots.length), new Float32Array(1)];
    for (const model of [first, alone]) model.reset(7);
    for (let point = 0; point < 50; point += 1) {
      const inputs = Float32Array.from(slots, () => random() * 4 - 2);
      await first.step(slots, inputs, slots.length, many);
      await alone.step(slots.subarray(7, 8), inputs.subarray(7, 8), 1, one);
      expect(one[0]).toBe(many[7]);
    }
    await Promise.all([first, second, alone].map((model) => model.close()));
  });

  test('goes on from a checkpoint to the bit', async () => {
    const [model, restarted] = [
      await open(shippedForecastModelPath, 'int8'),
      await open(shippedForecastModelPath, 'int8'),
    ];
    await forecasts(model, forecastWindow, 5);
    expect(restarted.load(model.save(slots.length))).toBe(true);
    expect(await forecasts(restarted, 20, 6)).toEqual(await forecasts(model, 20, 6));
    await Promise.all([model.close(), restarted.close()]);
  });

  test('tells apart inputs up to eight scales, and cuts off none of what it adds to them', async () => {
    const model = await open(shippedForecastModelPath, 'int8');
    const predictions = new Float32Array(2);
    const told: number[] = [];
    for (let x = -8; x <= 8; x += 0.5) {
      model.reset(0);
      await model.step(Uint32Array.of(0), Float32Array.of(x), 1, predictions);
      told.push(predictions[0]! - x);
    }
    expect(new Set(told).size).toBe(told.length);
    await model.close();
  });
});

describe('a file opened for int8', () => {
  const options = { path: 'the model', threads: 1, precision: 'int8' } as const;

  test('is served so where it is as Kybern writes it: the shipped one is', async () => {
    const { session, form } = await openTiledSession(await readFile(shippedForecastModelPath), options);
    expect(form).toMatchObject({ precision: 'int8', reason: 'asked' });
    expect(form.apart?.moving).toBeLessThan(apartLimit / 3);
    expect(form.apart?.atRest).toBeLessThan(apartLimit / 3);
    await session.release();
  });

  test('is served in float32 where its graph is another, such as a user has made', async () => {
    const other = exportNetwork(randomWeights(1), 'operator');
    expect(quantiseNetwork(other)).toBeUndefined();
    const { session, form } = await openTiledSession(other, options);
    expect(form).toEqual({ precision: 'float32', reason: 'other-graph' });
    await session.release();
  });

  test('is served in float32 where one weight is so large that rounding leaves nothing of the others', async () => {
    const weights = randomWeights(2);
    const { recurrent, bias, units } = weights.first;
    // The first unit says nothing, its output gate being shut: in float32 it does not matter how large its weights are.
    bias[3 * units] = -30;
    for (let column = 0; column < 4 * units; column += 1) recurrent[column] = 40;
    const { session, form } = await openTiledSession(exportNetwork(weights, 'gemm'), options);
    expect(form).toMatchObject({ precision: 'float32', reason: 'apart' });
    expect(form.apart!.moving).toBeGreaterThan(apartLimit);
    await session.release();
  });

  test('is another network for each', () => {
    const file = exportNetwork(randomWeights(1), 'gemm');
    expect(quantiseNetwork(file)).toEqual(quantiseNetwork(file));
    expect(quantiseNetwork(exportNetwork(randomWeights(2), 'gemm'))).not.toEqual(quantiseNetwork(file));
    expect(quantiseNetwork(new TextEncoder().encode('not a model'))).toBeUndefined();
  });
});
