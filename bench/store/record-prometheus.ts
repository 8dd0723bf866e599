import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Samples of a real Prometheus, row by row in order of time, as a sender would send them. */
export interface Recording {
  readonly seriesCount: number;
  readonly count: number;
  /** Number of the series of each row, from 0. */
  readonly series: Uint32Array;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly labels: readonly Readonly<Record<string, string>>[];
}

const run = promisify(execFile);
const standPath = resolve(process.env.KYBERN_STAND ?? join(import.meta.dirname, '../../../shared/stand'));
const port = '21660';

/**
 * What a Prometheus that scrapes itself has after so many seconds, or what that at `KYBERN_BENCH_PROMETHEUS` has of the
 * last ones. Undefined where the stand, which starts one, isn't there.
 */
export async function recordPrometheus(seconds: number): Promise<Recording | undefined> {
  const given = process.env.KYBERN_BENCH_PROMETHEUS;
  if (given !== undefined) return ask(given, seconds);
  const script = join(standPath, 'prometheus');
  if (!existsSync(script)) return undefined;
  const directory = await mkdtemp(join(tmpdir(), 'kybern-bench-prometheus-'));
  const env = { ...process.env, STAND_RUN: directory, STAND_PROMETHEUS_PORT: port };
  await run(script, ['start', '--release', '3', '--interval', '1s'], { env });
  try {
    await sleep(seconds * 1000);
    return await ask(`http://127.0.0.1:${port}`, seconds);
  } finally {
    await run(script, ['stop'], { env });
    await rm(directory, { recursive: true, force: true });
  }
}

async function ask(address: string, seconds: number): Promise<Recording> {
  const body = new URLSearchParams({ query: `{__name__=~".+"}[${Math.ceil(seconds)}s]` });
  const answer = await fetch(`${address}/api/v1/query`, { method: 'POST', body });
  return recordingOf((await answer.json()) as PrometheusMatrix);
}

interface PrometheusMatrix {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly values?: readonly (readonly [number, string])[];
    }[];
  };
}

function recordingOf({ data }: PrometheusMatrix): Recording {
  const found = data.result.filter(({ values }) => values !== undefined);
  const rows = found.flatMap(({ values = [] }, series) =>
    values.map(([seconds, text]) => [series, Math.round(seconds * 1000), Number(text)] as const),
  );
  // What is not finite never gets as far as the store.
  const kept = rows.filter(([, , value]) => Number.isFinite(value)).sort((a, b) => a[1] - b[1] || a[0] - b[0]);
  return {
    seriesCount: found.length,
    count: kept.length,
    series: Uint32Array.from(kept, (row) => row[0]),
    timesMs: Float64Array.from(kept, (row) => row[1]),
    values: Float64Array.from(kept, (row) => row[2]),
    labels: found.map(({ metric }) => metric),
  };
}
