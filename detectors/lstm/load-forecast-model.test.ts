import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { type ForecastModel, forecastWindow } from './forecast-model.ts';
import { loadForecastModel, shippedForecastModelPath } from './load-forecast-model.ts';
import { createModelHost, type HostOptions } from './model-host.ts';
import { openModelThread } from './model-thread-host.ts';
import { exportNetwork } from './onnx/export-network.ts';
import { randomWeights } from './testing/random-weights.ts';
import { writeModel } from './testing/write-model.ts';

const path = await writeModel(exportNetwork(randomWeights(1), 'gemm'));
afterAll(() => rm(dirname(path), { recursive: true }));

const thread = openModelThread(1);
afterAll(() => thread.close());

/** Feeds `points` random points to each slot alone and returns the last forecasts. */
async function feed(model: ForecastModel, slots: Uint32Array, points: number, seed: number): Promise<Float32Array> {
  const random = createRandom(seed);
  const inputs = new Float32Array(slots.length);
  const predictions = new Float32Array(slots.length);
  for (let point = 0; point < points; point++) {
    for (let row = 0; row < inputs.length; row++) inputs[row] = random() * 4 - 2;
    await model.step(slots, inputs, slots.length, predictions);
  }
  return predictions;
}

describe.each<[where: string, load: typeof loadForecastModel]>([
  ['in this thread', loadForecastModel],
  ['in a thread of its own', async ({ path: file }) => thread.open(await thread.prepare(file))],
])('the forecast model %s', (_where, loadModel) => {
  async function openModel(slots: number): Promise<ForecastModel> {
    const model = await loadModel({ path, threads: 1 });
    model.ensure(slots);
    return model;
  }

  test('forecasts a series the same alone, in a tile and across tiles', async () => {
    const model = await openModel(1001);
    const alone = await feed(model, Uint32Array.of(1000), 5, 7);
    const many = new Uint32Array(1000).map((_, slot) => slot);
    const random = createRandom(7);
    const predictions = new Float32Array(1000);
    for (let point = 0; point < 5; point++) {
      await model.step(many, new Float32Array(1000).fill(random() * 4 - 2), 1000, predictions);
    }
    for (const prediction of predictions) expect(Math.abs(prediction - alone[0]!)).toBeLessThan(1e-6);
    await model.close();
  });

  test('keeps each slot its own, whatever the order of a call', async () => {
    const model = await openModel(40);
    const straight = Uint32Array.from({ length: 20 }, (_, slot) => slot);
    const shuffled = Uint32Array.from(straight, (slot) => 20 + ((slot * 7) % 20));
    const inputsOf = (slots: Uint32Array, point: number): Float32Array =>
      Float32Array.from(slots, (slot) => Math.sin((slot % 20) * point));
    const first = new Float32Array(20);
    const second = new Float32Array(20);
    for (let point = 0; point < 8; point++) {
      await model.step(straight, inputsOf(straight, point), 20, first);
      await model.step(shuffled, inputsOf(shuffled, point), 20, second);
    }
    for (let row = 0; row < 20; row++) expect(second[row]).toBeCloseTo(first[shuffled[row]! - 20]!, 6);
    expect(new Set(first).size).toBe(20);
    await model.close();
  });

  test('touches only the first `count` rows', async () => {
    const model = await openModel(4);
    const predictions = new Float32Array(4).fill(99);
    await model.step(Uint32Array.of(0, 1, 2, 3), new Float32Array(4), 2, predictions);
    expect(predictions[1]).not.toBe(99);
    expect([predictions[2], predictions[3]]).toEqual([99, 99]);
    await model.close();
  });

  test('starts a slot anew after a reset, and only that one', async () => {
    const model = await openModel(2);
    const slots = Uint32Array.of(0, 1);
    const fresh = await feed(model, slots, 1, 3);
    await feed(model, slots, 10, 4);
    model.reset(0);
    const again = await feed(model, slots, 1, 3);
    expect(again[0]).toBe(fresh[0]);
    expect(again[1]).not.toBe(fresh[1]);
    await model.close();
  });

  test('serves calls that overlap one after the other', async () => {
    const [model, other] = [await openModel(1), await openModel(1)];
    const slot = Uint32Array.of(0);
    const results = [0.5, -1, 2].map(() => new Float32Array(1));
    await Promise.all([0.5, -1, 2].map((value, at) => model.step(slot, Float32Array.of(value), 1, results[at]!)));
    const last = new Float32Array(1);
    for (const value of [0.5, -1, 2]) await other.step(slot, Float32Array.of(value), 1, last);
    expect(results[2]![0]).toBe(last[0]);
    await Promise.all([model.close(), other.close()]);
  });

  test.each([
    ['neighbouring', [0, 1]],
    ['other', [1, 0]],
  ])('may grow in the middle of a step of %s slots', async (_, order) => {
    const [growing, still] = [await openModel(2), await openModel(2)];
    const slots = Uint32Array.from(order);
    const [first, second] = [new Float32Array(2), new Float32Array(2)];
    for (let point = 0; point < 4; point++) {
      const step = growing.step(slots, Float32Array.of(point, -point), 2, first);
      await Promise.resolve();
      growing.ensure(1000 * (point + 1));
      await step;
      await still.step(slots, Float32Array.of(point, -point), 2, second);
    }
    expect(first).toEqual(second);
    await Promise.all([growing.close(), still.close()]);
  });

  test('goes on from a checkpoint as if nothing had happened', async () => {
    const [model, restarted] = [await openModel(3), await openModel(0)];
    const slots = Uint32Array.of(0, 1, 2);
    await feed(model, slots, forecastWindow, 5);
    expect(restarted.load(Buffer.concat([model.save(3)]))).toBe(true);
    expect(await feed(restarted, slots, 3, 6)).toEqual(await feed(model, slots, 3, 6));
    await Promise.all([model.close(), restarted.close()]);
  });

  test('gives the same state in its turn and in parts, behind a step that goes on', async () => {
    const model = await openModel(3);
    const slots = Uint32Array.of(0, 1, 2);
    const step = model.step(slots, Float32Array.of(1, -1, 2), 3, new Float32Array(3));
    const soon = Promise.all([model.saveSoon(0, 2), model.saveSoon(2, 3)]);
    await step;
    expect(Buffer.concat(await soon)).toEqual(Buffer.from(model.save(3)));
    expect(model.savedBytes(3)).toBe(model.save(3).length);
    await model.close();
  });

  test('refuses states of other weights and torn ones', async () => {
    const model = await openModel(1);
    const shipped = await loadModel({ path: shippedForecastModelPath, threads: 1 });
    expect(shipped.load(model.save(1))).toBe(false);
    expect(model.load(model.save(1).subarray(0, 100))).toBe(false);
    expect(model.load(new Uint8Array(0))).toBe(false);
    await Promise.all([model.close(), shipped.close()]);
  });

  test('says KYBERN_MODEL for a missing file, another checksum, rubbish and another network', async () => {
    const load = (file: string): Promise<ForecastModel> => loadModel({ path: file, threads: 1 });
    await expect(load('nowhere/forecast.onnx')).rejects.toMatchObject({ code: 'KYBERN_MODEL' });

    const rubbish = await writeModel(new TextEncoder().encode('not a model'));
    await expect(load(rubbish)).rejects.toMatchObject({ code: 'KYBERN_MODEL' });

    const changed = await writeModel(exportNetwork(randomWeights(2), 'gemm'));
    await writeFile(changed, exportNetwork(randomWeights(3), 'gemm'));
    await expect(load(changed)).rejects.toThrow(/SHA-256/);
    // Whoever serves a file of their own can neither reinstall it nor train ours into it.
    const remedy = expect.stringMatching(/Your own .*docs\/guide\.md.*kybern models import/);
    await expect(load(changed)).rejects.toMatchObject({ code: 'KYBERN_MODEL', remedy });
    for (const file of [rubbish, changed]) await rm(dirname(file), { recursive: true });
  });
});

describe.each([
  ['in this thread', createModelHost],
  ['in a thread of its own', openModelThread],
])('a host of several networks %s', (_where, openHost) => {
  test('keeps the states of each model apart, on one network or on two', async () => {
    const host = openHost(1);
    const other = await writeModel(exportNetwork(randomWeights(2), 'gemm'));
    const [first, second] = [await host.prepare(path), await host.prepare(other)];
    const models = [host.open(first), host.open(first), host.open(second)];
    for (const model of models) model.ensure(1);
    const slot = Uint32Array.of(0);
    await feed(models[0]!, slot, 20, 3);
    const [again, fresh, another] = await Promise.all(models.map((model) => feed(model, slot, 1, 4)));
    expect(again).not.toEqual(fresh);
    expect(fresh).not.toEqual(another);
    await host.close();
    await rm(dirname(other), { recursive: true });
  });

  test('goes on with another network from the zero state, and with the first again', async () => {
    const host = openHost(1);
    const other = await writeModel(exportNetwork(randomWeights(2), 'gemm'));
    const [first, second] = [await host.prepare(path), await host.prepare(other)];
    const [model, untouched] = [host.open(first), host.open(second)];
    for (const each of [model, untouched]) each.ensure(1);
    const slot = Uint32Array.of(0);
    const before = await feed(model, slot, 5, 9);
    model.use(second);
    expect(model.sha256).toBe(second);
    expect(await feed(model, slot, 5, 9)).toEqual(await feed(untouched, slot, 5, 9));
    // Nobody used the first network any more: it is prepared anew.
    model.use(await host.prepare(path));
    expect(await feed(model, slot, 5, 9)).toEqual(before);
    await host.close();
    await rm(dirname(other), { recursive: true });
  });

  test('goes on with a network of the other precision from the zero state, with room for as many series', async () => {
    const host = openHost(1, { precision: 'int8' });
    const other = await writeModel(exportNetwork(randomWeights(2), 'operator'));
    const [first, second] = [await host.prepare(path), await host.prepare(other)];
    const [model, untouched, kept] = [host.open(first), host.open(second), host.open(first)];
    for (const each of [model, untouched, kept]) each.ensure(3);
    const slots = Uint32Array.of(0, 2);
    const before = await feed(model, slots, 5, 9);
    model.use(second);
    expect(await feed(model, slots, 5, 9)).toEqual(await feed(untouched, slots, 5, 9));
    model.use(first);
    expect(await feed(model, slots, 5, 9)).toEqual(before);
    await host.close();
    await rm(dirname(other), { recursive: true });
  });

  test('tells in what form each network was opened, once', async () => {
    const told: string[] = [];
    const opened: HostOptions['opened'] = (sha256, { precision, reason }) => {
      told.push(`${sha256 === first ? 'first' : sha256}: ${precision}, ${reason}`);
    };
    const host = openHost(1, { precision: 'int8', opened });
    const first = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    const other = await writeModel(exportNetwork(randomWeights(1), 'operator'));
    await host.prepare(path);
    await host.prepare(path);
    const second = await host.prepare(other);
    expect(told).toEqual(['first: int8, asked', `${second}: float32, other-graph`]);
    await host.close();
    await rm(dirname(other), { recursive: true });
  });

  test('goes on serving when a file cannot be prepared', async () => {
    const host = openHost(1);
    const model = host.open(await host.prepare(path));
    model.ensure(1);
    await expect(host.prepare('nowhere.onnx')).rejects.toMatchObject({ code: 'KYBERN_MODEL' });
    expect(await feed(model, Uint32Array.of(0), 1, 1)).toHaveLength(1);
    await host.close();
  });
});
