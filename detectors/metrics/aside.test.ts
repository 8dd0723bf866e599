import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { canonicalLabels, KybernError, noMetrics, type SeriesCatalog } from '../../model/index.ts';
import { createStateReader } from '../checkpoint/state-reader.ts';
import { createStateWriter } from '../checkpoint/state-writer.ts';
import { openSpillFiles, type SpillFiles } from '../spill/index.ts';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import { defaultConfig } from '../testing/workbench.ts';
import { createMetricDetector, type MetricDetector } from './metric-detector.ts';
import type { StepModel } from './network-lanes.ts';

const minute = 60_000;
const hour = 60 * minute;
const startMs = Date.UTC(2026, 0, 5);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kybern-aside-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Remembers what it was fed: its forecasts differ once it has forgotten, or was given another's memory. */
function createSummingModel(): StepModel {
  let sums = new Float32Array(64);
  return {
    ensure(slots) {
      const grown = new Float32Array(Math.max(slots, sums.length));
      grown.set(sums);
      sums = grown;
    },
    reset(slot) {
      sums[slot] = 0;
    },
    use: () => sums.fill(0),
    async step(slots, inputs, count, predictions) {
      for (let row = 0; row < count; row += 1) {
        sums[slots[row]!] = 0.9 * sums[slots[row]!]! + 0.1 * inputs[row]!;
        predictions[row] = sums[slots[row]!]!;
      }
    },
    savedBytes: (slots) => slots * 4,
    save: (slots) => new Uint8Array(sums.slice(0, slots).buffer),
    saveSoon: async (from, to) => new Uint8Array(sums.slice(from, to).buffer),
    load(bytes) {
      sums = new Float32Array(new Uint8Array(bytes).buffer);
      return true;
    },
  };
}

interface Watched {
  detector: MetricDetector;
  /** Verdicts and what was told, as text. */
  readonly heard: string[];
}

function open(catalog: SeriesCatalog, files: SpillFiles | undefined, changes: object = {}): Watched {
  const heard: string[] = [];
  const detector = createMetricDetector({
    catalog,
    model: createSummingModel(),
    metrics: noMetrics,
    // Only what is put aside may differ.
    config: {
      ...defaultConfig().metrics,
      forgetSeconds: 1e9,
      forgetSpilledSeconds: 1e9,
      spillAfterSeconds: 3600,
      ...changes,
    },
    remark: () => '',
    spill: files === undefined ? undefined : { files, failed: (error) => heard.push(error.code) },
    onVerdict: (series, timeMs, { score, rawScore, bandExpected, bandLower, bandUpper, deviates }) =>
      heard.push(`${series} ${timeMs} ${score} ${rawScore} ${bandExpected} ${bandLower} ${bandUpper} ${deviates}`),
  });
  return { detector, heard };
}

function define(catalog: SeriesCatalog, at: number): number {
  const kinds = ['gauge', 'counter', 'gauge'] as const;
  const names = ['container.memory.working_set', 'http.server.request.count', 'queue.depth'];
  return catalog.intern({
    ...{ name: names[at % 3]!, unit: '1', kind: kinds[at % 3]!, origin: 'received' },
    // Nobody is told of a pod that is silent; of a service somebody is, and that must hold too.
    labels: canonicalLabels([[at < 2 ? 'k8s.pod.name' : 'service.name', `cart-${at}`]]),
  });
}

/** A healthy series with a rhythm of the hour, a spike now and then; a counter grows by it. */
function readingAt(at: number, timeMs: number): number {
  const step = Math.floor(timeMs / minute);
  const noise = ((step * 7919 + at * 104_729) % 1000) / 1000;
  const value = 100 + 30 * Math.sin(step / 9.5) + 5 * noise + (step % 613 === 0 ? 400 : 0);
  return at % 3 === 1 ? step * 100 + value : value;
}

async function feed({ detector, heard }: Watched, series: readonly number[], timeMs: number): Promise<void> {
  await detector.observe({
    kind: 'samples',
    count: series.length,
    series: Uint32Array.from(series),
    timesMs: new Float64Array(series.length).fill(timeMs),
    values: Float64Array.from(series, (id) => readingAt(id, timeMs)),
  });
  await advance({ detector, heard }, timeMs - 5000);
}

async function advance({ detector, heard }: Watched, timeMs: number): Promise<void> {
  await detector.settle();
  detector.advance(timeMs);
  await detector.rest(timeMs);
  for (const { id, state, revision } of detector.takeAnomalies()) heard.push(`${id} ${state} ${revision}`);
}

function save(detector: MetricDetector): Uint8Array {
  const writer = createStateWriter();
  for (const step of detector.saveSteps) step(writer);
  detector.saveNetworks(writer);
  return writer.finish();
}

interface Stretch {
  readonly minutes: number;
  /** Which series are idle, as bits. */
  readonly idle: number;
  readonly restart: boolean;
}

const stretches = fc.array(
  fc.record({ minutes: fc.constantFrom(20, 70, 200, 400), idle: fc.nat(7), restart: fc.boolean() }),
  { minLength: 4, maxLength: 7 },
);

test('a series that was put aside comes back as if it had never been away, over restarts too', async () => {
  let away = 0;
  const run = async (life: readonly Stretch[]): Promise<void> => {
    const place = mkdtempSync(join(directory, 'run-'));
    const catalog = createMemoryCatalog();
    const ids = [0, 1, 2].map((at) => define(catalog, at));
    const resident = open(catalog, undefined);
    let files = openSpillFiles(place, 4096);
    let spilling = open(catalog, files);
    const heard: string[] = [];
    let timeMs = startMs;
    // Enough to know each series well.
    for (const { minutes, idle, restart } of [{ minutes: 1500, idle: 0, restart: false }, ...life]) {
      for (let at = 0; at < minutes; at += 1) {
        timeMs += minute;
        const present = ids.filter((id) => (idle & (1 << id)) === 0);
        for (const watched of [resident, spilling]) {
          if (present.length > 0) await feed(watched, present, timeMs);
          else await advance(watched, timeMs - 5000);
        }
        away = Math.max(away, spilling.detector.status().series - spilling.detector.resident());
      }
      if (!restart) continue;
      const state = save(spilling.detector);
      await spilling.detector.sync();
      await files.close();
      heard.push(...spilling.heard);
      files = openSpillFiles(place, 4096);
      spilling = open(catalog, files);
      spilling.detector.load(createStateReader(state));
      await spilling.detector.kept();
    }
    await files.close();
    const all = [...heard, ...spilling.heard];
    const first = resident.heard.findIndex((line, at) => line !== all[at]);
    expect([first, ...all.slice(Math.max(first, 0), first + 4), all.length]).toEqual([
      -1,
      ...resident.heard.slice(Math.max(first, 0), first + 4),
      resident.heard.length,
    ]);
    expect(resident.heard.length).toBeGreaterThan(3000);
  };
  await fc.assert(fc.asyncProperty(stretches, run), { numRuns: 4 });
  expect(away).toBeGreaterThan(0);
});

/** Two series known for 300 minutes, of which the second falls silent and is put aside. */
async function withOneAside(catalog: SeriesCatalog, files: SpillFiles, changes: object = {}): Promise<Watched> {
  const watched = open(catalog, files, changes);
  const ids = [2, 5].map((at) => define(catalog, at));
  for (let at = 0; at < 300; at += 1) await feed(watched, ids, startMs + at * minute);
  for (let at = 300; at < 400; at += 1) await feed(watched, [ids[0]!], startMs + at * minute);
  expect(watched.detector.resident()).toBe(1);
  expect(watched.detector.status().series).toBe(2);
  expect(watched.detector.samplesOf(ids[1]!)).toBe(300);
  return watched;
}

test('a damaged record is told of, and its series starts anew', async () => {
  const catalog = createMemoryCatalog();
  const files = openSpillFiles(directory);
  const watched = await withOneAside(catalog, files);
  const path = join(directory, readdirSync(directory)[0]!);
  const bytes = readFileSync(path);
  bytes[bytes.length - 20]! ^= 1;
  writeFileSync(path, bytes);
  await feed(watched, [1], startMs + 400 * minute);
  expect(watched.heard).toContain('KYBERN_DATA_DIR' satisfies KybernError['code']);
  expect(watched.detector.samplesOf(1)).toBe(1);
  expect(watched.detector.resident()).toBe(2);
  await files.close();
});

test('a replay from the last state finds what was put aside then, and what was only put aside since goes', async () => {
  const catalog = createMemoryCatalog();
  let files = openSpillFiles(directory, 1);
  const watched = await withOneAside(catalog, files);
  const state = save(watched.detector);
  await watched.detector.sync();
  await watched.detector.kept();
  const saved = readdirSync(directory);
  // It comes back and is put aside again; then the program is killed before its state is saved.
  for (let at = 400; at < 500; at += 1) await feed(watched, at === 400 ? [0, 1] : [0], startMs + at * minute);
  expect(watched.detector.resident()).toBe(1);
  await files.close();
  expect(readdirSync(directory).length).toBeGreaterThan(saved.length);

  files = openSpillFiles(directory, 1);
  const again = open(catalog, files);
  again.detector.load(createStateReader(state));
  await feed(again, [0, 1], startMs + 400 * minute);
  expect(again.detector.samplesOf(1)).toBe(301);
  save(again.detector);
  await again.detector.kept();
  expect(readdirSync(directory)).toEqual([]);
  await files.close();
});

test('what is silent for very long is forgotten there too; of pods, whose names are new each time, sooner', async () => {
  const catalog = createMemoryCatalog();
  const files = openSpillFiles(directory);
  const watched = await withOneAside(catalog, files, { forgetSeconds: 86_400, forgetSpilledSeconds: 5 * 86_400 });
  const pod = catalog.intern({
    ...{ name: 'container.memory.working_set', unit: 'By', kind: 'gauge', origin: 'received' },
    labels: canonicalLabels([['k8s.pod.name', 'cart-1']]),
  });
  for (let at = 400; at < 440; at += 1) await feed(watched, [0, pod], startMs + at * minute);
  for (let at = 440; at < 540; at += 1) await feed(watched, [0], startMs + at * minute);
  expect(watched.detector.resident()).toBe(1);
  const seriesAfter = async (hours: number): Promise<number> => {
    await feed(watched, [0], startMs + hours * hour);
    return watched.detector.status().series;
  };
  expect(await seriesAfter(10)).toBe(3);
  expect(await seriesAfter(40)).toBe(2);
  expect(await seriesAfter(100)).toBe(2);
  expect(await seriesAfter(130)).toBe(1);
  await files.close();
});

test('a series whose silence has yet to be told is not put aside before', async () => {
  const catalog = createMemoryCatalog();
  const files = openSpillFiles(directory);
  const watched = open(catalog, files, { silenceSeconds: 7200 });
  const ids = [2, 5].map((at) => define(catalog, at));
  const fired = () => watched.heard.filter((line) => line.includes(' firing ')).length;
  for (let at = 0; at < 1500; at += 1) await feed(watched, ids, startMs + at * minute);
  const before = fired();
  for (let at = 1500; at < 1700; at += 1) await feed(watched, [0], startMs + at * minute);
  expect(fired()).toBe(before + 1);
  expect(watched.detector.resident()).toBe(2);
  await files.close();
});

test('after a pause of everything, series have time to come back before any counts as idle', async () => {
  const catalog = createMemoryCatalog();
  const files = openSpillFiles(directory);
  const watched = open(catalog, files);
  const ids = [2, 5, 8].map((at) => define(catalog, at));
  const at = (minutes: number, present: readonly number[]) => feed(watched, present, startMs + minutes * minute);
  for (let minutes = 0; minutes < 60; minutes += 1) await at(minutes, ids);
  await at(400, [0]);
  for (let minutes = 401; minutes < 410; minutes += 1) await at(minutes, [0, 1]);
  expect(watched.detector.resident()).toBe(3);
  for (let minutes = 410; minutes < 420; minutes += 1) await at(minutes, [0, 1]);
  expect(watched.detector.resident()).toBe(2);
  await files.close();
});

test('where the disk takes nothing, series stay in memory, and are put aside once it does', async () => {
  const catalog = createMemoryCatalog();
  const files = openSpillFiles(directory);
  let isFull = true;
  const append: SpillFiles['append'] = async (records) => {
    if (isFull) throw new KybernError('KYBERN_DATA_DIR', 'no room');
    return files.append(records);
  };
  const watched = open(catalog, { ...files, append });
  const ids = [2, 5].map((at) => define(catalog, at));
  for (let at = 0; at < 120; at += 1) await feed(watched, at < 30 ? ids : [ids[0]!], startMs + at * minute);
  expect(watched.detector.resident()).toBe(2);
  expect(watched.heard).toContain('KYBERN_DATA_DIR');
  isFull = false;
  for (let at = 120; at < 125; at += 1) await feed(watched, [ids[0]!], startMs + at * minute);
  expect(watched.detector.resident()).toBe(1);
  await files.close();
});
