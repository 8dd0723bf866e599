import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { storyFaults } from '../../datasets/simulator/index.ts';
import type { Action, Anomaly, Incident } from '../../model/index.ts';
import { type KybernProcess, startKybern, temporaryDirectory } from '../../test/support/kybern-process.ts';

/** Seconds from the start of the program, as a client of its API saw them; NaN for what did not happen. */
export interface LiveStory {
  readonly seed: number;
  readonly ready: number;
  /** Onset of the leak. */
  readonly fault: number;
  readonly anomaly: number;
  readonly incident: number;
  /** First moment at which the first cause was the leaking service and its code. */
  readonly cause: number;
  readonly action: number;
  /** The action verified: the SLO holds after it. */
  readonly recovery: number;
  readonly resolved: number;
  readonly incidents: number;
  /** Peak resident set of the whole process, megabytes of 10^6 bytes. */
  readonly peakRssMegabytes: number;
}

const longestMs = 300_000;
const pollMs = 250;

/** Runs the real program with the demo, in real time, until the first incident is over. */
export async function liveStory(seed: number, port: number): Promise<LiveStory> {
  const startedMs = Date.now();
  const since = (epochMs: number) => (epochMs - startedMs) / 1000;
  const dataDir = temporaryDirectory('kybern-bench-');
  const kybern = await startKybern({ dataDir, port, otlpPort: port + 1, arguments: ['--seed', String(seed)] });
  const ready = since(Date.now());
  const leak = storyFaults(seed, 0).find(({ kind }) => kind === 'memory-leak');
  if (leak === undefined) throw new Error('the story has no leak');
  const seen = {
    anomaly: Number.NaN,
    incident: Number.NaN,
    cause: Number.NaN,
    action: Number.NaN,
    recovery: Number.NaN,
    resolved: Number.NaN,
  };
  let peak = 0;
  let incidents = 0;
  try {
    while (Date.now() - startedMs < longestMs && (Number.isNaN(seen.resolved) || Number.isNaN(seen.recovery))) {
      await new Promise((resolve) => setTimeout(resolve, pollMs));
      peak = Math.max(peak, peakRss(kybern));
      const found = (await kybern.get<{ items: Incident[] }>('/api/v1/incidents')).items;
      const actions = (await kybern.get<{ items: Action[] }>('/api/v1/actions')).items;
      incidents = Math.max(incidents, found.length);
      const note = (what: keyof typeof seen, holds: boolean) => {
        if (holds && Number.isNaN(seen[what])) seen[what] = since(Date.now());
      };
      const anomalies = (await kybern.get<{ items: Anomaly[] }>('/api/v1/anomalies?limit=200')).items;
      const faultMs = liveSinceMs(dataDir) + leak.afterMs;
      note(
        'anomaly',
        anomalies.some(({ entity, onset }) => entity.name.startsWith(leak.target) && Date.parse(onset) >= faultMs),
      );
      const incident = found.find(({ diagnosis }) => diagnosis.causes[0]?.entity.name === leak.target);
      const answer = actions.find(({ incidentId }) => incidentId !== undefined && incidentId === incident?.id);
      note('incident', found.length > 0);
      note('cause', incident?.diagnosis.causes[0]?.code === 'memory-leak-oom-killed');
      note('action', answer?.appliedAt !== undefined);
      note('recovery', answer?.state === 'verified' && answer.outcome?.sloAfter === true);
      note('resolved', incident?.state === 'resolved');
    }
    const fault = since(liveSinceMs(dataDir) + leak.afterMs);
    return { seed, ready, fault, ...seen, incidents, peakRssMegabytes: peak };
  } finally {
    await kybern.stop();
  }
}

function peakRss({ child }: KybernProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return (Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) * 1024) / 1e6;
}

// The demo's journal says when its world went live, and with that when its faults were due.
function liveSinceMs(dataDir: string): number {
  for (const line of readFileSync(join(dataDir, 'demo/world.jsonl'), 'utf8').split('\n')) {
    if (!line.includes('"go-live"')) continue;
    return (JSON.parse(line) as { write: { atMs: number } }).write.atMs;
  }
  return Number.NaN;
}
