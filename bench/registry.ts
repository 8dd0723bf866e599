import { backfillBench } from './backfill/backfill.ts';
import type { Bench, BenchSet } from './bench.ts';
import { cardinalityBench } from './cardinality/cardinality.ts';
import { chaosBench } from './chaos/chaos.ts';
import { demoBench } from './demo/demo.ts';
import { detectBench } from './detect/detect.ts';
import { inferBench } from './infer/infer.ts';
import { ingestBench } from './ingest/ingest.ts';
import { latencyBench } from './latency/latency.ts';
import { logsBench } from './logs/logs.ts';
import { loopBench } from './loop/loop.ts';
import { nodesBench } from './nodes/nodes.ts';
import { privacyBench } from './privacy/privacy.ts';
import { seriesBench } from './series/series.ts';
import { startBench } from './start/start.ts';
import { steadyBench } from './steady/steady.ts';
import { storeBench } from './store/store.ts';

/** Every benchmark there is, by name. */
export const benches: ReadonlyMap<string, Bench | BenchSet> = new Map(
  [
    inferBench,
    loopBench,
    ingestBench,
    demoBench,
    detectBench,
    storeBench,
    steadyBench,
    cardinalityBench,
    seriesBench,
    latencyBench,
    chaosBench,
    privacyBench,
    logsBench,
    nodesBench,
    backfillBench,
    startBench,
  ].map((bench) => [bench.name, bench]),
);
