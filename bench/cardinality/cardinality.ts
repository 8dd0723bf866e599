import { removeTemporaryDirectories, startKybern, temporaryDirectory } from '../../test/support/kybern-process.ts';
import { atMost, type Bench, type BenchOptions, type BenchResult } from '../bench.ts';
import { runLoad } from '../ingest/run-load.ts';
import { settled } from '../ingest/settled.ts';
import { residentMegabytes } from '../process-use.ts';

export const cardinalityBench: Bench = {
  name: 'cardinality',
  title: 'resident memory: a million series with models off, ten thousand with models on in the edge profile',
  run: measureCardinality,
};

const port = 18_740;
const stepMs = 15_000;

async function measureCardinality({ quick, say }: BenchOptions): Promise<BenchResult> {
  try {
    const many = quick ? 100_000 : 1_000_000;
    say(`${many} series, models off`);
    const wide = await residentUnder(
      { config: { detectors: { enabled: false } }, arguments: [] },
      { series: many, rounds: 3 },
    );
    say('10,000 series, models on, edge profile');
    const edge = await residentUnder(
      { config: {}, arguments: ['--profile', 'edge'] },
      { series: 10_000, rounds: quick ? 60 : 240 },
    );
    return {
      figures: {
        series: many,
        wideBaseMegabytes: wide.base,
        widePeakMegabytes: wide.peak,
        wideBytesPerSeries: ((wide.after - wide.base) * 1e6) / many,
        edgeBaseMegabytes: edge.base,
        edgePeakMegabytes: edge.peak,
      },
      baselines: {},
      bars: [
        atMost(`resident megabytes with ${many} series, models off`, wide.peak, 4096),
        atMost('resident megabytes with 10,000 series in the edge profile', edge.peak, 512),
      ],
    };
  } finally {
    removeTemporaryDirectories();
  }
}

async function residentUnder(
  program: { readonly config: Readonly<Record<string, unknown>>; readonly arguments: readonly string[] },
  load: { readonly series: number; readonly rounds: number },
): Promise<{ readonly base: number; readonly after: number; readonly peak: number }> {
  const kybern = await startKybern({
    dataDir: temporaryDirectory('kybern-bench-'),
    port,
    otlpPort: port + 1,
    ...program,
  });
  try {
    const pid = kybern.child.pid!;
    const base = residentMegabytes(pid).now;
    const startMs = Date.now() - (load.rounds + 4) * stepMs;
    await runLoad({
      url: `${kybern.url}/api/v1/write`,
      series: load.series,
      samplesPerBody: 2000,
      startMs,
      stepMs,
      rounds: load.rounds,
      connections: 4,
    });
    await settled(kybern.url);
    return { base, after: residentMegabytes(pid).now, peak: residentMegabytes(pid).peak };
  } finally {
    await kybern.stop();
  }
}
