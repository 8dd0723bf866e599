import type { BenchSet } from '../bench.ts';
import { brokersBench } from './brokers.ts';
import { diskFullBench } from './disk-full.ts';
import { fsyncErrorBench } from './fsync-error.ts';
import { killsBench } from './kills.ts';
import { poisonBench } from './poison.ts';
import { storeDownBench } from './store-down.ts';

export const chaosBench: BenchSet = {
  name: 'chaos',
  title: 'faults under load, held against a ledger: lost, doubled, sums, recovery; each by its name, or all of them',
  parts: [killsBench, brokersBench, storeDownBench, diskFullBench, poisonBench, fsyncErrorBench],
};
