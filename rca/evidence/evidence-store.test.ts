import { expect, test } from 'vitest';
import { canonicalLabels, type SampleBatch, type SeriesDefinition } from '../../model/index.ts';
import { createEvidenceStore, readingOf } from './evidence-store.ts';
import { createHistories } from './histories.ts';
import { linear } from './series-history.ts';

const minute = 60_000;

function definitionOf(id: number): SeriesDefinition {
  return {
    ...{ id, fingerprint: `f${id}`, name: 'container.cpu.usage', unit: '{cpu}', kind: 'gauge', origin: 'received' },
    labels: canonicalLabels([['k8s.pod.name', `pod-${id}`]]),
    entity: { kind: 'pod', namespace: 'shop', name: `pod-${id}` },
  };
}

const catalog = {
  size: 1000,
  get: definitionOf,
  find: (fingerprint: string) => definitionOf(Number(fingerprint.slice(1))),
  intern: () => 0,
};

function open(seriesLimit = 100) {
  const limits = { historyPoints: 50, resolutionMs: 1000, seriesLimit };
  return createEvidenceStore(catalog, limits, createHistories(), () => {});
}

function samples(ids: readonly number[], timeMs: number): SampleBatch {
  return {
    kind: 'samples',
    count: ids.length,
    series: Uint32Array.from(ids),
    timesMs: new Float64Array(ids.length).fill(timeMs),
    values: Float64Array.from(ids, (id) => id + timeMs / minute),
  };
}

test('pods that come and go leave room for those that come after them', () => {
  const store = open(10);
  for (let generation = 0; generation < 20; generation += 1) {
    const ids = Array.from({ length: 10 }, (_, at) => generation * 10 + at);
    for (let at = 0; at < 60; at += 1) store.observe(samples(ids, (generation * 60 + at) * minute));
    store.forget((generation * 60 + 20) * minute, () => false);
    store.observe(samples(ids, (generation * 60 + 60) * minute));
    expect(store.dropped).toBe(0);
    expect(ids.map((id) => store.byFingerprint(`f${id}`)?.history.length)).toEqual(
      ids.map(() => (generation > 0 ? 1 : 50)),
    );
  }
});

test('what is wanted stays, and so does what comes once in an hour', () => {
  const store = open();
  for (let at = 0; at < 5; at += 1) store.observe(samples([1, 2], at * minute));
  for (let hour = 0; hour < 4; hour += 1) store.observe(samples([3], hour * 60 * minute));
  store.forget(300 * minute, (fingerprint) => fingerprint === 'f2');
  expect(['f1', 'f2', 'f3'].map((fingerprint) => store.byFingerprint(fingerprint)?.id)).toEqual([undefined, 2, 3]);
  expect(store.of('pod|shop|pod-1')).toEqual([]);
});

test('a series that was forgotten and comes back begins anew, and what was saved is there again', () => {
  const store = open();
  for (let at = 0; at < 70; at += 1) store.observe(samples([1, 2], at * minute));
  store.forget(200 * minute, () => false);
  store.observe(samples([1], 300 * minute));
  const other = open();
  other.load([...store.save()]);
  for (const one of [store, other]) expect([...linear(one.byFingerprint('f1')!.history).times]).toEqual([300 * minute]);
  expect(other.size).toBe(1);
});

test('free memory that falls is evidence, and free memory that grows is none', () => {
  const reading = readingOf({ ...definitionOf(1), name: 'node_memory_MemAvailable_bytes', unit: 'By' });
  expect(reading).toEqual({ signal: 'memory', reading: 'value', direction: 'down' });
});
