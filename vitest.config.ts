import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';

// What is compiled is kept for the next process: suites have one each, many with worker threads beside it, and all of them
// need much the same modules. It is a fifth of the time of those that open engines.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'node-compile-cache');

// chdb crashes under `threads` and onnxruntime-node fails under `vmThreads` (docs/decisions/0001): forks only. Three on two
// cores, since suites with programs of their own wait much of their time.
const common = { pool: 'forks' as const, maxWorkers: 3 };

/** Suites that start the program build it first. */
const globalSetup = 'test/support/build-kybern.ts';
const onRealParts = {
  ...common,
  globalSetup,
  testTimeout: 300_000,
  hookTimeout: 600_000,
  fileParallelism: false,
};

// Most of these do without a process of their own, whose imports take longer than the tests. Not so what holds native engines
// or measures what V8 makes of the code: that depends on what ran before.
const alone = ['detectors/lstm/**/*.test.ts', '**/allocation.test.ts', '**/speed.test.ts'];

// Of the suites on real parts those that keep the machine busy: brokers under load, and what is killed under it. The others wait
// much of their time, so that CI runs both at once.
const busy = ['test/real/{kafka,kill}-*.test.ts'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          testTimeout: 20_000,
          name: 'unit',
          isolate: false,
          include: ['{model,ingest,detectors,rca,tuner,actuator,api,datasets}/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...alone],
        },
      },
      {
        test: {
          ...common,
          testTimeout: 20_000,
          name: 'alone',
          include: ['{store,engine,bench,test/fuzz}/**/*.test.ts', ...alone],
        },
      },
      {
        test: {
          ...common,
          name: 'system',
          globalSetup,
          include: ['test/system/**/*.test.ts'],
          testTimeout: 90_000,
        },
      },
      {
        test: {
          ...onRealParts,
          name: 'real',
          include: ['test/real/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...busy],
        },
      },
      {
        test: {
          ...onRealParts,
          name: 'real-busy',
          include: busy,
        },
      },
      {
        // Faults that take their time: brokers killed one by one, a store away for a minute, a process asleep for one.
        test: {
          ...onRealParts,
          name: 'long',
          include: ['test/long/**/*.test.ts', 'test/real/kafka-share.test.ts', 'store/crash.test.ts'],
          env: { LONG_TESTS: '1' },
        },
      },
    ],
  },
});
