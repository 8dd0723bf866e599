import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import {
  canonicalLabels,
  contentHash,
  noMetrics,
  type SampleBatch,
  type SeriesDefinition,
  type Store,
} from '../../model/index.ts';
import { openStore, StoreConfig } from '../../store/index.ts';
import { nameOf, openWeighedStore, smallest } from '../../store/testing/codec-sizes.ts';
import { atLeast, atMost, type Bench, type BenchOptions, type BenchResult } from '../bench.ts';
import { directoryBytes } from './directory-bytes.ts';
import { type Recording, recordPrometheus } from './record-prometheus.ts';

export const storeBench: Bench = {
  name: 'store',
  title: 'bytes per sample on disk of real Prometheus data, codec by codec, and rows inserted per CPU second',
  run: measureStore,
};

/** About what a batch of the log holds. */
const usualRows = 20_000;

async function measureStore({ quick, say }: BenchOptions): Promise<BenchResult> {
  const seconds = quick ? 20 : 300;
  say(`a real Prometheus 3.5 scrapes itself every second for ${seconds} s`);
  const recording = await recordPrometheus(seconds);
  if (recording === undefined) throw new Error('the stand, which starts Prometheus, is not there: set KYBERN_STAND');
  say(`${recording.count} samples of ${recording.seriesCount} series; into the embedded ClickHouse`);
  const directory = await mkdtemp(join(tmpdir(), 'kybern-bench-store-'));
  try {
    const { store, storeIn, merge, bytesPerSample, codecSizes } = await openWeighedStore(join(directory, 'chdb'));
    const embedded = await insertRate(store, recording);
    const before = await bytesPerSample();
    await merge();
    const merged = await bytesPerSample();
    const bySize: Record<string, number> = {};
    for (const rows of [2_000, 200_000])
      bySize[`insertedRowsPerCpuSecondInBlocksOf${rows}`] = await insertRate(
        await storeIn(`rows_${rows}`),
        recording,
        rows,
      );
    say('codec by codec');
    const sizes = await codecSizes();
    await store.close();
    say('into the files of the edge profile');
    const config = { ...(Value.Default(StoreConfig, {}) as StoreConfig), kind: 'files' as const, retentionDays: 0 };
    const files = await openStore({ config, directory, metrics: noMetrics });
    const edge = await insertRate(files, recording);
    await files.close();
    const edgeBytes = (await directoryBytes(join(directory, 'files', 'samples'))) / recording.count;
    const best = smallest(sizes);
    say(`smallest: ${nameOf(best.codecs)}`);
    return {
      figures: {
        samples: recording.count,
        series: recording.seriesCount,
        bytesPerSampleMerged: merged,
        bytesPerSampleBeforeMerging: before,
        insertedRowsPerCpuSecond: embedded,
        ...bySize,
        edgeBytesPerSample: edgeBytes,
        edgeInsertedRowsPerCpuSecond: edge,
        ...Object.fromEntries(sizes.map(({ codecs, bytesPerSample }) => [nameOf(codecs), bytesPerSample])),
      },
      baselines: { bytesPerSampleUncompressed: 24, [`smallest: ${nameOf(best.codecs)}`]: best.bytesPerSample },
      bars: [
        atMost('bytes per sample on disk, keys included, merged', merged, 1.5),
        atLeast('rows inserted per CPU second', embedded, 500_000),
      ],
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function insertRate(store: Store, recording: Recording, blockRows = usualRows): Promise<number> {
  const definitions = recording.labels.map(definitionOf);
  const cpu = process.cpuUsage();
  for (let from = 0; from < recording.count; from += blockRows) {
    const to = Math.min(recording.count, from + blockRows);
    const samples: SampleBatch = {
      kind: 'samples',
      count: to - from,
      series: recording.series.subarray(from, to),
      timesMs: recording.timesMs.subarray(from, to),
      values: recording.values.subarray(from, to),
    };
    await store.writeSignals({ definitions, samples: [samples], bands: [], logs: [], spans: [] }, `block ${from}`);
  }
  const { user, system } = process.cpuUsage(cpu);
  return (recording.count * 1e6) / (user + system);
}

function definitionOf(metric: Readonly<Record<string, string>>, id: number): SeriesDefinition {
  const { __name__: name = '', ...rest } = metric;
  const labels = canonicalLabels(Object.entries(rest));
  const kind = name.endsWith('_total') ? 'counter' : 'gauge';
  const fingerprint = contentHash(name, kind, JSON.stringify(labels));
  const entity = { kind: 'service', namespace: '', name: 'prometheus' } as const;
  return { id, name, labels, kind, unit: '', origin: 'received', fingerprint, entity };
}
