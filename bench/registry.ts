import type { Bench } from './bench.ts';
import { inferBench } from './infer/infer.ts';

/** Every benchmark there is, by name. */
export const benches: ReadonlyMap<string, Bench> = new Map([inferBench].map((bench) => [bench.name, bench]));
