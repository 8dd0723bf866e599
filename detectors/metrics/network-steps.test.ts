import { expect, test } from 'vitest';
import { inputClip } from '../lstm/index.ts';
import { createNetworkSteps } from './network-steps.ts';

/** A model whose steps end when told to: it foretells twice the input. */
function createSlowModel() {
  const waiting: (() => void)[] = [];
  return {
    step: (_slots: Uint32Array, inputs: Float32Array, count: number, predictions: Float32Array) =>
      new Promise<void>((resolve) => {
        waiting.push(() => {
          for (let row = 0; row < count; row += 1) predictions[row] = inputs[row]! * 2;
          resolve();
        });
      }),
    end: () => waiting.shift()!(),
    get begun() {
      return waiting.length;
    },
  };
}

/** Values of these tests are within what the network takes, unless a test means them not to be. */
const scale = 8192;
const normaliser = {
  denormaliseAll(
    _slots: Uint32Array,
    predictions: Float32Array | Float64Array,
    from: number,
    to: number,
    into: Float64Array,
    places: Int32Array | Uint32Array,
  ) {
    for (let row = from; row < to; row += 1) into[places[row]!] = scale * predictions[row]!;
  },
  observeAll(_slots: Uint32Array, values: Float64Array, from: number, to: number, inputs: Float32Array | Float64Array) {
    for (let row = from; row < to; row += 1) inputs[row] = Math.min(inputClip, values[row]! / scale);
  },
};

function createSteps() {
  const model = createSlowModel();
  const columns = { forecast: new Float64Array(40_000).fill(Number.NaN), lastValue: new Float64Array(40_000) };
  return { model, columns, steps: createNetworkSteps({ model, normaliser, columns }) };
}

test('what is launched stays under way while more is added, and is taken in before the next launch is over', async () => {
  const { model, columns, steps } = createSteps();
  steps.reserve(1);
  columns.lastValue[3] = 10;
  steps.add(3, 0);
  await steps.launch();
  expect(steps.has(3)).toBe(true);
  expect(columns.forecast[3]).toBeNaN();

  steps.reserve(1);
  columns.lastValue[4] = 20;
  steps.add(4, 1);
  const second = steps.launch();
  model.end();
  await second;
  expect(columns.forecast[3]).toBe(20);
  expect([steps.has(3), steps.has(4)]).toEqual([false, true]);

  model.end();
  await steps.settle();
  expect(columns.forecast[4]).toBe(40);
  expect(steps.has(4)).toBe(false);
});

test('a value so far off that it was cut before the network saw it is expected to stay, the next is foretold again', async () => {
  const { model, columns, steps } = createSteps();
  const foretoldAfter = async (value: number) => {
    steps.reserve(1);
    columns.lastValue[3] = value;
    steps.add(3, 0);
    await steps.launch();
    model.end();
    await steps.settle();
    return columns.forecast[3];
  };
  expect(await foretoldAfter(7 * scale)).toBe(14 * scale);
  expect(await foretoldAfter(90 * scale)).toBe(90 * scale);
  expect(await foretoldAfter(7 * scale)).toBe(14 * scale);
});

test('full steps are begun at once, and each row has its own prediction', async () => {
  const { model, columns, steps } = createSteps();
  steps.reserve(40_000);
  for (let slot = 0; slot < 40_000; slot += 1) {
    columns.lastValue[slot] = slot;
    steps.add(slot, slot);
  }
  expect(model.begun).toBe(2);
  await steps.launch();
  expect(model.begun).toBe(3);
  for (let tile = 0; tile < 3; tile += 1) model.end();
  await steps.settle();
  expect([...columns.forecast]).toEqual(Array.from({ length: 40_000 }, (_, slot) => slot * 2));
});

test('a model that fails is told to whoever settles, again and again', async () => {
  const steps = createNetworkSteps({
    model: { step: () => Promise.reject(new Error('the thread has ended')) },
    normaliser,
    columns: { forecast: new Float64Array(1), lastValue: new Float64Array(1) },
  });
  steps.reserve(1);
  steps.add(0, 0);
  await steps.launch();
  await expect(steps.settle()).rejects.toThrow('the thread has ended');
  await expect(steps.settle()).rejects.toThrow('the thread has ended');
});
