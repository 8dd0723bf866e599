import { Value } from 'typebox/value';
import { createNodeFleet, type NodeFailure } from '../../datasets/simulator/index.ts';
import { DetectorsConfig } from '../../detectors/index.ts';
import type { ForecastModel } from '../../detectors/lstm/index.ts';
import { createMetricDetector } from '../../detectors/metrics/index.ts';
import { createNodeDetector, type LookProbe } from '../../detectors/nodes/index.ts';
import { createMemoryCatalog } from '../../detectors/testing/memory-catalog.ts';
import { type Anomaly, noMetrics, type SampleBatch } from '../../model/index.ts';
import { createAlertRules } from './alert-rules.ts';
import { createEpisodes, type Episode } from './episode.ts';

export interface FleetRun {
  readonly failures: readonly NodeFailure[];
  readonly episodes: readonly Episode[];
  readonly anomalies: readonly Anomaly[];
  readonly rules: readonly { readonly name: string; readonly all: readonly Episode[] }[];
  /** Node time, in milliseconds. */
  readonly nodeMs: number;
  /** CPU time of the node detector alone, and samples that it was shown. */
  readonly cpuMs: number;
  readonly samples: number;
}

export interface FleetSettings {
  readonly seed: number;
  readonly nodes: number;
  readonly days: number;
  /** Without it nothing is forecast: enough to fit what the forecasts have no part in. */
  readonly model: ForecastModel | undefined;
  readonly probe?: LookProbe;
  readonly say?: (line: string) => void;
}

export const startMs = Date.UTC(2026, 0, 5);
export const stepMs = 60_000;
const unknown = { valueOf: () => Number.NaN, forecastOf: () => Number.NaN };
const mergeMs = 30 * 60_000;

/** Lets a fleet live and holds the node detector and the alert rules to what happens to it. */
export async function playFleet({ seed, nodes, days, model, probe, say }: FleetSettings): Promise<FleetRun> {
  const lengthMs = days * 86_400_000;
  const fleet = createNodeFleet({ seed, nodes, startMs, lengthMs });
  const catalog = createMemoryCatalog();
  const config = Value.Parse(DetectorsConfig, Value.Default(DetectorsConfig, {}));
  const scored =
    model && createMetricDetector({ catalog, model, metrics: noMetrics, config: config.metrics, remark: () => '' });
  const detector = createNodeDetector({
    catalog,
    forecasts: scored ?? unknown,
    metrics: noMetrics,
    config: config.nodes,
    ...(probe === undefined ? {} : { probe }),
  });
  const ids = fleet.identities.map((identity) => catalog.intern(identity));
  const rules = createAlertRules(nodes, mergeMs);
  const warned = createEpisodes(mergeMs);
  const firing = new Map<string, Anomaly>();
  const anomalies: Anomaly[] = [];
  let cpuMs = 0;
  let samples = 0;
  for (let atMs = startMs + stepMs; atMs <= startMs + lengthMs; atMs += stepMs) {
    fleet.step(atMs);
    const batch = batchOf(ids, fleet.values, atMs);
    samples += batch.count;
    await scored?.observe(batch);
    scored?.takeAnomalies();
    scored?.takeBands();
    const began = process.cpuUsage();
    detector.observeSamples(batch);
    if (fleet.events.length > 0) detector.observeCluster({ kind: 'cluster', timeMs: atMs, events: fleet.events });
    const snapshot = { atMs, nodes: fleet.listed, pods: [], workloads: [] };
    detector.observeCluster({ kind: 'cluster', timeMs: atMs, snapshot, events: [] });
    const told: Anomaly[] = [];
    detector.advance(atMs, told);
    const used = process.cpuUsage(began);
    cpuMs += (used.user + used.system) / 1000;
    anomalies.push(...told);
    for (const anomaly of told) {
      if (anomaly.state === 'firing') firing.set(anomaly.entity.name, anomaly);
      else firing.delete(anomaly.entity.name);
    }
    for (const node of firing.keys()) warned.warn(node, atMs);
    rules.step(fleet.lives, atMs);
    if ((atMs - startMs) % 86_400_000 === 0) say?.(`seed ${seed}: day ${(atMs - startMs) / 86_400_000} of ${days}`);
  }
  return {
    failures: fleet.failures,
    episodes: warned.all,
    anomalies,
    rules: rules.episodes(),
    nodeMs: nodes * lengthMs,
    cpuMs,
    samples,
  };
}

function batchOf(ids: readonly number[], values: Float64Array, atMs: number): SampleBatch {
  const rows: number[] = [];
  for (const at of ids.keys()) if (!Number.isNaN(values[at]!)) rows.push(at);
  return {
    kind: 'samples',
    count: rows.length,
    series: Uint32Array.from(rows, (at) => ids[at]!),
    timesMs: new Float64Array(rows.length).fill(atMs),
    values: Float64Array.from(rows, (at) => values[at]!),
  };
}

/** Whether a failure of the node came within `horizonMs` of a moment at which it was still well. */
export function failedWithin(
  failures: readonly NodeFailure[],
  node: string,
  atMs: number,
  horizonMs: number,
): boolean | undefined {
  for (const failure of failures) {
    if (failure.node !== node) continue;
    if (atMs >= failure.failedMs && atMs < failure.repairedMs + horizonMs) return undefined;
    if (failure.failedMs > atMs && failure.failedMs - atMs <= horizonMs) return true;
  }
  return false;
}
