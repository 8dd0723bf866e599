import type { BenchSet } from '../bench.ts';
import { killsBench } from './kills.ts';

export const chaosBench: BenchSet = {
  name: 'chaos',
  title: 'faults under load, held against a ledger: lost, doubled, sums, recovery; each by its name, or all of them',
  parts: [killsBench],
};
