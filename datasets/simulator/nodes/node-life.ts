import { between, gaussian, poisson, randomFrom } from '../randomness.ts';
import {
  createCache,
  createGarbage,
  createImages,
  createLogs,
  createNightly,
  createTraffic,
  createVisit,
} from './daily-life.ts';
import type { NodeFailure, NodeFailurePlan } from './failure-plan.ts';
import { createMishaps } from './mishaps.ts';
import type { NodeReading } from './node-reading.ts';

export interface NodeLife {
  readonly name: string;
  readonly reading: NodeReading;
  readonly failures: readonly NodeFailure[];
  /** Moves on to this moment. */
  step(toMs: number): void;
}

const minuteMs = 60_000;
const repairMs = 40 * minuteMs;
/** Jobs are sized by people so that they stay out of the kubelet's eviction thresholds: healthy life bends before these. */
const most = { disk: 0.89, inodes: 0.88, memory: 0.92, pids: 0.85 } as const;
/** A kubelet's `eviction-pressure-transition-period`: a shortage is over only after it. */
const transitionMs = 5 * minuteMs;
const pressureNames = ['MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;
const failsAt = 0.995;

/** One machine from its seed: its daily life, and the failure planned for it. Time moves in steps of some seconds to minutes. */
export function createNodeLife(seed: number, index: number, startMs: number, plan?: NodeFailurePlan): NodeLife {
  const random = randomFrom(seed, 'node', index);
  const name = `node-${index + 1}`;
  const traffic = createTraffic(random);
  let now = 1;
  const busy = () => now;
  const isBusyWithImages = random() < 0.3;
  const rest = {
    disk: between(random, 0.2, isBusyWithImages ? 0.55 : 0.6),
    inodes: between(random, 0.05, 0.4),
    memory: between(random, 0.2, 0.4),
    pids: between(random, 0.02, 0.08),
  };
  const slope = { memory: between(random, 0.06, 0.2), pids: between(random, 0.02, 0.1) };
  const logs = createLogs(random, busy);
  const images = createImages(random, isBusyWithImages);
  const cache = createCache(random, between(random, 0.05, 0.3));
  const diskCache = createCache(random, random() < 0.4 ? between(random, 0.05, 0.2) : 0);
  const garbage = createGarbage(random, busy);
  const visits = (['disk', 'memory', 'pids', 'inodes'] as const).map((resource) => ({
    resource,
    size: random() < 0.55 ? between(random, 0.1, 0.5) : 0,
    job: random() < 0.5 ? createNightly(random) : createVisit(random, between(random, 0.3, 3) * 1440),
  }));
  const backup = random() < 0.4 ? createNightly(random) : () => 0;
  const mishaps = createMishaps(random, name);
  const noise = { disk: 0.0005, inodes: 0.0003, memory: 0.004, pids: 0.003 };
  const failures: NodeFailure[] = [];
  let downUntilMs = 0;
  let isDone = plan === undefined;
  let taken = 0;
  const pressedMs: Partial<Record<(typeof pressureNames)[number], number>> = {};

  const reading: NodeReading = {
    atMs: startMs,
    down: false,
    disk: 0,
    inodes: 0,
    memory: 0,
    pids: 0,
    load: 1,
    diskWait: 1,
    ready: true,
    heartbeatMs: startMs,
    bootMs: startMs - 30 * 86_400_000,
    oomKills: 0,
    correctedErrors: 0,
    pressures: [],
    events: [],
  };

  function live(minutes: number): void {
    const { atMs } = reading;
    now = traffic(atMs, minutes);
    const jobs = { disk: 0, memory: 0, pids: 0, inodes: 0 };
    for (const { resource, size, job } of visits) jobs[resource] += size * job(atMs, minutes);
    const disk = rest.disk + logs(atMs, minutes) + jobs.disk + diskCache(atMs, minutes);
    const jitter = (what: keyof typeof noise) => noise[what] * gaussian(random);
    reading.disk = soften(disk + images(minutes, disk), most.disk) + jitter('disk');
    reading.inodes = soften(rest.inodes + 0.3 * jobs.disk + jobs.inodes, most.inodes) + jitter('inodes');
    reading.memory =
      soften(
        rest.memory + slope.memory * now + cache(atMs, minutes) + garbage(atMs, minutes) + jobs.memory,
        most.memory,
      ) + jitter('memory');
    reading.pids = soften(rest.pids + slope.pids * now + jobs.pids, most.pids) + jitter('pids');
    reading.load = Math.max(0.05, 4 * now * Math.exp(0.1 * gaussian(random)));
    reading.diskWait = (1 + 3 * backup(atMs, minutes)) * Math.exp(0.15 * gaussian(random));
  }

  /** How far the planned failure has come, 0 to 1 and more. */
  function progress(minutes: number): number {
    if (plan === undefined) return 0;
    const step = (minutes * minuteMs) / plan.durationMs;
    const share = (reading.atMs - plan.onsetMs) / plan.durationMs;
    const pace =
      plan.shape === 'quickening'
        ? 0.4 + 1.2 * Math.min(1.5, share)
        : plan.shape === 'with-traffic'
          ? now
          : plan.shape === 'in-bursts'
            ? random() < 0.25
              ? 4
              : 0
            : 1;
    taken += step * pace * Math.max(0.2, 1 + 0.15 * gaussian(random));
    return taken;
  }

  function fail(minutes: number): boolean {
    if (plan === undefined) return false;
    const come = progress(minutes);
    const { kind } = plan;
    if (kind === 'kubelet-flapping' || kind === 'hardware') {
      mishaps.ail(kind, Math.min(1, come), reading, minutes);
      return come >= 1;
    }
    const resource = (
      { 'disk-fill': 'disk', 'memory-leak': 'memory', 'pid-leak': 'pids', 'inode-exhaustion': 'inodes' } as const
    )[kind];
    need ||= 1 - reading[resource];
    reading[resource] = Math.min(1, reading[resource] + need * come);
    if (resource === 'memory' && reading.memory > 0.96) reading.oomKills += poisson(random, 0.3 * minutes);
    return reading[resource] >= failsAt;
  }
  let need = 0;

  function press(): void {
    const { disk, memory, pids } = reading;
    const short = {
      MemoryPressure: memory > 0.95,
      DiskPressure: disk > 0.9 || reading.inodes > 0.95,
      PIDPressure: pids > 0.9,
    };
    reading.pressures = pressureNames.filter((name) => {
      if (short[name] || mishaps.pressing === name) pressedMs[name] = reading.atMs;
      return reading.atMs - (pressedMs[name] ?? Number.NEGATIVE_INFINITY) < transitionMs;
    });
  }

  return {
    name,
    reading,
    failures,
    step(toMs) {
      const minutes = (toMs - reading.atMs) / minuteMs;
      reading.atMs = toMs;
      reading.events.length = 0;
      live(minutes);
      if (reading.down) {
        if (toMs < downUntilMs) return;
        reading.down = false;
        reading.ready = true;
        reading.bootMs = toMs;
        mishaps.tell(reading, 'NodeReady', 'Normal', 'node is ready');
        mishaps.tell(reading, 'Starting', 'Normal', 'Starting kubelet.');
      }
      mishaps.happen(reading, minutes);
      if (!isDone && toMs >= plan!.onsetMs && fail(minutes)) {
        isDone = true;
        downUntilMs = toMs + repairMs;
        failures.push({
          node: name,
          kind: plan!.kind,
          onsetMs: plan!.onsetMs,
          failedMs: toMs,
          repairedMs: downUntilMs,
        });
        reading.down = true;
        reading.ready = false;
        mishaps.tell(reading, 'NodeNotReady', 'Warning', 'node is not ready');
      }
      press();
    },
  };
}

/** Jobs are planned so that they fit: the sum bends before it reaches the most. */
function soften(value: number, limit: number): number {
  const knee = limit - 0.1;
  return value <= knee ? value : knee + 0.1 * (1 - Math.exp(-(value - knee) / 0.1));
}
