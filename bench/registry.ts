import type { Bench } from './bench.ts';
import { demoBench } from './demo/demo.ts';
import { inferBench } from './infer/infer.ts';
import { ingestBench } from './ingest/ingest.ts';
import { loopBench } from './loop/loop.ts';
import { storeBench } from './store/store.ts';

/** Every benchmark there is, by name. */
export const benches: ReadonlyMap<string, Bench> = new Map(
  [inferBench, loopBench, ingestBench, demoBench, storeBench].map((bench) => [bench.name, bench]),
);
