import {
  type Anomaly,
  contentId,
  type SeriesCatalog,
  type Slo,
  type SloStatus,
  signalKindOf,
  toTimestamp,
} from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { SloConfig } from '../config.ts';
import { figure } from '../metrics/reason.ts';
import type { ServiceWindow } from '../traces/tell-services.ts';

/** Judges service windows against what the services owe. */
export interface SloMonitor {
  /** One status a window; a service without an SLO always meets it. Pushes anomalies that began or cleared to `out`. */
  judge(windows: readonly ServiceWindow[], out: Anomaly[]): SloStatus[];
  /** Ends the anomalies of services that had no traffic for long. */
  advance(watermarkMs: number, out: Anomaly[]): void;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

interface Standing {
  /** Latest windows, newest lowest bit: 1 broken. */
  bits: number;
  firstBrokenMs: number;
  metRun: number;
  metSinceMs: number;
  lastMs: number;
  firing: Anomaly | undefined;
}

/** How far a window is beyond its SLO, by the worse of the two objectives; at most 1 where both are met. */
interface Breach {
  readonly factor: number;
  readonly series: number;
  readonly observed: number;
  readonly allowed: number;
  readonly text: string;
}

export function createSloMonitor(catalog: SeriesCatalog, config: SloConfig, slos: readonly Slo[]): SloMonitor {
  let standings = new Map<string, Standing>();
  const mask = 2 ** config.ofWindows - 1;

  function sloOf(window: ServiceWindow): Slo | undefined {
    const named = slos.filter((slo) => slo.service === window.service);
    return named.find((slo) => slo.namespace === window.namespace) ?? named.find((slo) => slo.namespace === undefined);
  }

  function fire(window: ServiceWindow, breach: Breach, standing: Standing): Anomaly {
    const definition = catalog.get(breach.series);
    const onset = toTimestamp(standing.firstBrokenMs);
    const broken = ones(standing.bits & mask);
    return {
      id: contentId('anm', definition.fingerprint, 'slo', onset),
      revision: 1,
      state: 'firing',
      entity: definition.entity,
      series: definition.fingerprint,
      metric: definition.name,
      signal: signalKindOf(definition.name),
      detector: 'slo',
      onset,
      detectedAt: toTimestamp(window.endMs),
      observed: breach.observed,
      expected: breach.allowed,
      lower: 0,
      upper: breach.allowed,
      unit: definition.unit,
      score: breach.factor,
      // What was promised is not a matter of chance: the further beyond, the surer.
      severity: 1 - 1 / (1 + breach.factor),
      reason: `${breach.text}: ${broken} of the last ${config.ofWindows} windows broke the SLO of ${window.service}`,
    };
  }

  function clear(standing: Standing, anomaly: Anomaly, atMs: number, out: Anomaly[]): void {
    out.push({ ...anomaly, state: 'cleared', revision: anomaly.revision + 1, clearedAt: toTimestamp(atMs) });
    standing.firing = undefined;
    standing.bits = 0;
    standing.metRun = 0;
  }

  function judgeOne(window: ServiceWindow, slo: Slo, out: Anomaly[]): boolean {
    const key = JSON.stringify([window.namespace, window.service]);
    let standing = standings.get(key);
    if (standing === undefined) {
      standing = { bits: 0, firstBrokenMs: 0, metRun: 0, metSinceMs: 0, lastMs: 0, firing: undefined };
      standings.set(key, standing);
    }
    const breach = worstBreach(window, slo);
    const broken = breach.factor > 1;
    if (broken && (standing.bits & (mask >> 1)) === 0) standing.firstBrokenMs = window.endMs;
    standing.bits = ((standing.bits << 1) | (broken ? 1 : 0)) & 0x3fffffff;
    standing.lastMs = window.endMs;
    if (broken) standing.metRun = 0;
    else {
      if (standing.metRun === 0) standing.metSinceMs = window.endMs;
      standing.metRun += 1;
    }
    if (standing.firing !== undefined) {
      if (standing.metRun >= config.clearWindows) clear(standing, standing.firing, standing.metSinceMs, out);
    } else if (broken && ones(standing.bits & mask) >= config.brokenWindows) {
      standing.firing = fire(window, breach, standing);
      out.push(standing.firing);
    }
    return !broken;
  }

  return {
    judge: (windows, out) =>
      windows.map((window) => {
        const slo = sloOf(window);
        return {
          namespace: window.namespace,
          service: window.service,
          atMs: window.endMs,
          latencyP95Ms: window.p95Ms,
          errorRatio: window.errorRatio,
          requestRate: window.requestRate,
          met: slo === undefined || judgeOne(window, slo, out),
        };
      }),
    advance: (watermarkMs, out) => {
      for (const standing of standings.values()) {
        if (standing.firing === undefined || watermarkMs - standing.lastMs <= config.idleSeconds * 1000) continue;
        clear(standing, standing.firing, standing.lastMs, out);
      }
    },
    save: (writer) => writer.json([...standings]),
    load: (reader) => {
      standings = new Map(reader.json<[string, Standing][]>());
    },
  };
}

function worstBreach(window: ServiceWindow, slo: Slo): Breach {
  const { latencyP95Ms: latency, errorRatio: errors } = slo;
  const latencyFactor = latency === undefined ? 0 : window.p95Ms / latency;
  // An objective of no errors at all is broken by any.
  const errorFactor =
    errors === undefined || window.errorRatio === 0 ? 0 : window.errorRatio / Math.max(errors, Number.EPSILON);
  if (latencyFactor >= errorFactor) {
    const observed = window.p95Ms;
    const allowed = latency ?? 0;
    const text = `95 % of requests took up to ${figure(observed)} ms, ${figure(allowed)} ms are allowed`;
    return { factor: latencyFactor, series: window.series.p95, observed, allowed, text };
  }
  const observed = window.errorRatio;
  const allowed = errors ?? 0;
  const text = `${figure(observed * 100)} % of requests failed, ${figure(allowed * 100)} % are allowed`;
  return { factor: errorFactor, series: window.series.errorRatio, observed, allowed, text };
}

function ones(bits: number): number {
  let rest = bits;
  let count = 0;
  for (; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
