import { join } from 'node:path';
import {
  mainModule,
  removeTemporaryDirectories,
  repositoryRoot,
  startKybern,
  temporaryDirectory,
} from '../../test/support/kybern-process.ts';
import { atMost, type Bench, type BenchOptions, type BenchResult } from '../bench.ts';
import { cpuSeconds, residentMegabytes } from '../process-use.ts';

export const startBench: Bench = {
  name: 'start',
  title: 'what a start costs until the program is ready: as it is shipped, and from its sources',
  run: measureStarts,
};

const forms = { built: mainModule, sources: join(repositoryRoot, 'engine/cli/main.ts') } as const;
const ports = { port: 22_340, otlpPort: 22_341 };

interface Start {
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly residentMegabytes: number;
}

async function measureStarts({ quick, say }: BenchOptions): Promise<BenchResult> {
  const starts: Record<keyof typeof forms, Start[]> = { built: [], sources: [] };
  try {
    // The first of each finds nothing compiled, and does not count.
    for (let trial = 0; trial <= (quick ? 2 : 7); trial += 1) {
      for (const form of ['built', 'sources'] as const) {
        const start = await measureStart(forms[form]);
        say(`${form}: ${start.cpuSeconds.toFixed(2)} CPU s, ${Math.round(start.residentMegabytes)} MB`);
        if (trial > 0) starts[form].push(start);
      }
    }
  } finally {
    removeTemporaryDirectories();
  }
  const [built, sources] = [mediansOf(starts.built), mediansOf(starts.sources)];
  return {
    figures: { ...built },
    baselines: Object.fromEntries(Object.entries(sources).map(([name, value]) => [`sources.${name}`, value])),
    bars: [
      atMost('processor time as a share of that from the sources', built.cpuSeconds / sources.cpuSeconds, 0.85),
      atMost('memory as a share of that from the sources', built.residentMegabytes / sources.residentMegabytes, 0.95),
    ],
  };
}

async function measureStart(main: string): Promise<Start> {
  const startedMs = performance.now();
  const dataDir = temporaryDirectory('kybern-start-');
  const kybern = await startKybern({ ...ports, dataDir, main, config: { mode: 'observe' } });
  const pid = kybern.child.pid!;
  const measured = {
    cpuSeconds: cpuSeconds(pid),
    seconds: (performance.now() - startedMs) / 1000,
    residentMegabytes: residentMegabytes(pid).now,
  };
  await kybern.stop();
  return measured;
}

function mediansOf(starts: readonly Start[]): Start {
  const median = (name: keyof Start) => starts.map((start) => start[name]).sort((a, b) => a - b)[starts.length >> 1]!;
  return {
    cpuSeconds: median('cpuSeconds'),
    seconds: median('seconds'),
    residentMegabytes: median('residentMegabytes'),
  };
}
