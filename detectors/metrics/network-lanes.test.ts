import { beforeEach, describe, expect, test } from 'vitest';
import { noMetrics, type SeriesCatalog } from '../../model/index.ts';
import { createStateReader } from '../checkpoint/state-reader.ts';
import { createStateWriter } from '../checkpoint/state-writer.ts';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import { podGauge, sampleBatch, startMs } from '../testing/synthetic.ts';
import { defaultConfig } from '../testing/workbench.ts';
import { createMetricDetector, type MetricDetector } from './metric-detector.ts';
import type { StepModel } from './network-lanes.ts';

/** Foretells a number that tells which network spoke, and remembers how many steps each place has made. */
function createNamedModel(first: string): StepModel & { readonly rows: number } {
  let network = first;
  let steps: number[] = [];
  let rows = 0;
  const save = (slots: number) => new TextEncoder().encode(JSON.stringify([network, steps.slice(0, slots)]));
  return {
    ensure: () => {},
    reset(slot) {
      steps[slot] = 0;
    },
    use(sha256) {
      network = sha256;
      steps = [];
    },
    async step(slots, _inputs, count, predictions) {
      rows += count;
      for (let row = 0; row < count; row += 1) {
        const slot = slots[row]!;
        steps[slot] = (steps[slot] ?? 0) + 1;
        predictions[row] = (network.length * 1000 + steps[slot]) / 1e6;
      }
    },
    save,
    savedBytes: (slots) => save(slots).length,
    saveSoon: async (_from, to) => save(to),
    load(bytes) {
      const [of, saved] = JSON.parse(new TextDecoder().decode(bytes)) as [string, number[]];
      if (of !== network) return false;
      steps = saved;
      return true;
    },
    get rows() {
      return rows;
    },
  };
}

let catalog: SeriesCatalog;
let cpu: number;
let memory: number;
beforeEach(() => {
  catalog = createMemoryCatalog();
  cpu = catalog.intern(podGauge('container.cpu.usage', 'cart-1', '{cpu}'));
  memory = catalog.intern(podGauge('container.memory.working_set', 'cart-1', 'By'));
});

const classes = ['container.cpu.*'];

function open(match: readonly string[] = classes, network = 'first') {
  const [shared, own] = [createNamedModel('shared'), createNamedModel(network)];
  const detector = createMetricDetector({
    ...{ catalog, model: shared, metrics: noMetrics, config: defaultConfig().metrics, remark: () => '' },
    classModels: match.length === 0 ? [] : [{ name: 'cpu', match, model: own }],
  });
  return { detector, shared, own };
}

async function play(detector: MetricDetector, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 1) {
    const timeMs = startMs + at * 1000;
    await detector.observe(
      sampleBatch([
        [cpu, timeMs, 1 + 0.1 * Math.sin(at)],
        [memory, timeMs, 2e8 + 1e6 * Math.cos(at)],
      ]),
    );
  }
  await detector.settle();
}

function saved(detector: MetricDetector): Uint8Array {
  const writer = createStateWriter();
  for (const step of detector.saveSteps) step(writer);
  detector.saveNetworks(writer);
  return writer.finish();
}

describe('networks by class of series', () => {
  test('each series is stepped by the network of its class, and by no other', async () => {
    const { detector, shared, own } = open();
    await play(detector, 0, 50);
    expect(own.rows).toBe(shared.rows);
    expect(own.rows).toBeGreaterThan(30);
    expect(own.save(1)).toEqual(new TextEncoder().encode(`["first",[${own.rows}]]`));
  });

  test('another network starts the view of its class anew; the rest of what was learnt stays', async () => {
    const { detector, own } = open();
    await play(detector, 0, 100);
    const before = { cpu: detector.samplesOf(cpu), memory: detector.forecastOf(memory) };
    expect(detector.useNetwork('cpu', 'second')).toBe(true);
    expect(detector.forecastOf(cpu)).toBeNaN();
    expect(detector.forecastOf(memory)).toBe(before.memory);
    expect(detector.samplesOf(cpu)).toBe(before.cpu);
    await play(detector, 100, 101);
    expect(detector.forecastOf(cpu)).not.toBeNaN();
    expect(new TextDecoder().decode(own.save(1))).toBe('["second",[1]]');
    expect(detector.useNetwork('disk', 'second')).toBe(false);
  });

  test('no sample and no alarm is lost while networks change under a steady series', async () => {
    const { detector } = open();
    for (let change = 0; change < 5; change += 1) {
      await play(detector, change * 60, change * 60 + 60);
      detector.useNetwork('cpu', `network ${change}`);
    }
    expect(detector.samplesOf(cpu)).toBe(300);
    expect(detector.takeAnomalies()).toEqual([]);
  });

  test('a checkpoint goes on as if nothing had been; its pieces are the same bytes', async () => {
    const { detector } = open();
    await play(detector, 0, 80);
    const state = saved(detector);
    const networks = Buffer.concat(await Promise.all([...detector.networkPieces()]));
    expect(Buffer.from(state.subarray(-networks.length))).toEqual(networks);
    const resumed = open().detector;
    resumed.load(createStateReader(state));
    await play(detector, 80, 120);
    await play(resumed, 80, 120);
    expect(saved(resumed)).toEqual(saved(detector));
  });

  test('a state of another network starts that view anew, and only that one', async () => {
    const { detector } = open();
    await play(detector, 0, 80);
    const resumed = open(classes, 'another').detector;
    resumed.load(createStateReader(saved(detector)));
    expect(resumed.forecastOf(cpu)).toBeNaN();
    expect(resumed.forecastOf(memory)).toBe(detector.forecastOf(memory));
    expect(resumed.samplesOf(cpu)).toBe(detector.samplesOf(cpu));
  });

  test.each([
    ['none any more', [] as string[]],
    ['others', ['container.memory.*']],
  ])(
    'where the classes are %s than they were, all views start anew and what else was learnt stays',
    async (_what, match) => {
      const { detector } = open();
      await play(detector, 0, 80);
      const { detector: resumed, shared, own } = open(match);
      resumed.load(createStateReader(saved(detector)));
      for (const series of [cpu, memory]) {
        expect(resumed.forecastOf(series)).toBeNaN();
        expect(resumed.samplesOf(series)).toBe(detector.samplesOf(series));
      }
      await play(resumed, 80, 90);
      expect(shared.rows + own.rows).toBe(20);
      expect(resumed.forecastOf(memory)).not.toBeNaN();
    },
  );
});
