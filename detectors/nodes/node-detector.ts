import {
  type Anomaly,
  type ClusterBatch,
  type Metrics,
  nameOfSeries,
  type SampleBatch,
  type SeriesCatalog,
} from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { NodesConfig } from './config.ts';
import { createForecastRisk, type ForecastRisk, noteForecast } from './forecast-risk.ts';
import { takeBack } from './foretell.ts';
import { createNodeBook, type NodeBook } from './node-book.ts';
import { type NodeRecord, noteCondition } from './node-record.ts';
import { createNodeSeriesTable, type NodeSeries, type SavedSeries } from './node-series.ts';
import { noteCluster } from './note-cluster.ts';
import { createOutlook, type LookProbe } from './outlook.ts';
import { createResourceTrack } from './resource-track.ts';
import { noteSign } from './signs.ts';
import { createTrendPyramid } from './trend-pyramid.ts';

/** What the scoring of metrics knows of a series, NaN where nothing. */
export interface ForecastReadings {
  /** The latest scored value: a gauge's, or a rate. */
  valueOf(series: number): number;
  /** What the network expects of the next one. */
  forecastOf(series: number): number;
}

export interface NodeDetectorDeps {
  readonly catalog: SeriesCatalog;
  readonly forecasts: ForecastReadings;
  readonly metrics: Metrics;
  readonly config: NodesConfig;
  readonly probe?: LookProbe;
}

/**
 * Failures of nodes ahead of time: what runs out, and what ails. Event time only; state is small (some 2 KB a resource)
 * and grows with nodes, not with samples.
 */
export interface NodeDetector {
  /** Takes a batch that the metrics have scored already. Only series about nodes are looked at. */
  observeSamples(batch: SampleBatch): void;
  observeCluster(batch: ClusterBatch): void;
  /**
   * Takes samples of the past, of each node in order of time: resources' trends and what ailed are learnt, nothing is judged.
   * What the network's errors lean to is not, since of the past it foretells in other steps than those to come.
   */
  learnHistory(batch: SampleBatch): void;
  endHistory(): void;
  /** Pushes what was foretold, changed or taken back to `out`. */
  advance(watermarkMs: number, out: Anomaly[]): void;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

export function createNodeDetector({ catalog, forecasts, metrics, config, probe }: NodeDetectorDeps): NodeDetector {
  const pyramid = createTrendPyramid();
  const book: NodeBook = createNodeBook();
  const table = createNodeSeriesTable(catalog, {
    opened,
    named: (called, node) => {
      const told = book.merge(called, node);
      if (told?.state === 'firing') renamed.push(told);
    },
    left: (slot, node) => leave(slot, book.node(node)),
  });
  const outlook = createOutlook({
    book,
    table,
    pyramid,
    config,
    nameOfSeries: (series) => catalog.get(series).name,
    ...(probe === undefined ? {} : { probe }),
  });
  // Once: V8 looks methods up in a hash map where an object has accessors, and this is called for every sample.
  const { slotOf } = table;
  const notes = { book, nameOf: table.nameOf, missingHeartbeatMs: config.missingHeartbeatSeconds * 1000 };
  const nodes = metrics.gauge('kybern_detectors_nodes', 'Nodes that are followed for failures ahead.');
  const told = metrics.counter('kybern_detectors_node_failures_total', 'Failures of nodes foretold, by what gives.', [
    'what',
  ]);
  /** By slot, those that the records hold. */
  let risks: ForecastRisk[] = [];
  /** While the past is learnt: nodes with readings that are not in their trends yet, and since when. */
  const unlearnt = new Map<string, number>();
  /** What was foretold of a node under a name that it bears no more. */
  let renamed: Anomaly[] = [];
  let lookedMs = Number.NEGATIVE_INFINITY;
  let resumedMs = Number.NEGATIVE_INFINITY;

  const nodeAt = (of: NodeSeries) => book.node(table.nameOf(of.node));

  function opened(slot: number, of: NodeSeries): void {
    const { role } = of;
    if (role.kind === 'naming') return;
    const node = nodeAt(of);
    if (role.kind === 'health') {
      const risk = createForecastRisk(role.direction);
      node.risks.push([slot, risk]);
      risks[slot] = risk;
    }
    if (role.kind !== 'resource') return;
    const same = ({ resource, place, family }: { resource: string; place: string; family: string }) =>
      resource === role.resource && place === role.place && family === role.family;
    let track = node.tracks.find(same);
    if (track === undefined) {
      track = createResourceTrack(role.resource, role.place, role.family);
      node.tracks.push(track);
    }
    track.parts[role.part].push(slot);
    for (const part of Object.values(track.parts)) forgetEnded(part, node.heardMs);
  }

  function leave(slot: number, node: NodeRecord): void {
    const at = node.risks.findIndex(([each]) => each === slot);
    if (at >= 0) node.risks.splice(at, 1);
    for (const track of [...node.tracks]) {
      const parts = Object.values(track.parts);
      for (const slots of parts) if (slots.includes(slot)) slots.splice(slots.indexOf(slot), 1);
      if (parts.some((slots) => slots.length > 0)) continue;
      if (track.row >= 0) pyramid.free(track.row);
      node.tracks.splice(node.tracks.indexOf(track), 1);
    }
  }

  /** Series that ended a day ago, such as those of an exporter's pod that is no more. */
  function forgetEnded(slots: number[], nowMs: number): void {
    for (let at = slots.length - 1; at >= 0; at -= 1) {
      const timeMs = table.timesMs[slots[at]!]!;
      if (Number.isFinite(timeMs) && nowMs - timeMs > config.forgetSeconds * 1000) slots.splice(at, 1);
    }
  }

  /** A node's readings of one moment belong together: they are taken in once another moment comes. */
  function learnRow(slot: number, timeMs: number, value: number): void {
    const { node: called, role } = table.at(slot);
    if (role.kind === 'health') return;
    if (role.kind === 'resource') {
      const name = table.nameOf(called);
      const sinceMs = unlearnt.get(name) ?? timeMs;
      const isNext = timeMs - sinceMs >= config.evaluateSeconds * 1000;
      if (isNext) outlook.learn(book.node(name));
      unlearnt.set(name, isNext ? timeMs : sinceMs);
    }
    take(slot, timeMs, value);
  }

  function take(slot: number, timeMs: number, value: number): void {
    const of = table.at(slot);
    const { role } = of;
    const beforeMs = table.timesMs[slot]!;
    if (timeMs <= beforeMs) return;
    const before = table.values[slot]!;
    table.values[slot] = value;
    table.timesMs[slot] = timeMs;
    if (role.kind === 'resource') return;
    if (role.kind === 'naming') {
      table.name(role, timeMs);
      return;
    }
    const node = nodeAt(of);
    node.heardMs = Math.max(node.heardMs, timeMs);
    if (role.kind === 'condition') {
      noteCondition(node, role.condition, role.holds === 1 ? value > 0.5 : value < 0.5, timeMs);
    } else if (role.kind === 'health') {
      noteForecast(risks[slot]!, timeMs, forecasts.valueOf(of.series), forecasts.forecastOf(of.series));
    } else if (beforeMs > 0 && role.kind === 'count' && value > before) {
      noteSign(node.signs, role.sign, timeMs, `${nameOfSeries(catalog.get(of.series))} grew by ${value - before}`);
    } else if (beforeMs > 0 && role.kind === 'start' && Math.abs(value - before) > 5) {
      noteSign(node.signs, role.sign, timeMs, `${catalog.get(of.series).name} changed`);
    }
  }

  return {
    observeSamples: (batch) => {
      if (!config.enabled) return;
      for (let row = 0; row < batch.count; row += 1) {
        const slot = slotOf(batch.series[row]!);
        if (slot >= 0) take(slot, batch.timesMs[row]!, batch.values[row]!);
      }
    },
    learnHistory: (batch) => {
      if (!config.enabled) return;
      for (let row = 0; row < batch.count; row += 1) {
        const slot = slotOf(batch.series[row]!);
        if (slot >= 0) learnRow(slot, batch.timesMs[row]!, batch.values[row]!);
      }
    },
    endHistory: () => {
      for (const name of unlearnt.keys()) outlook.learn(book.node(name));
      unlearnt.clear();
    },
    observeCluster: (batch) => {
      if (config.enabled) noteCluster(notes, batch);
    },
    advance: (watermarkMs, out) => {
      if (!config.enabled || watermarkMs - lookedMs < config.evaluateSeconds * 1000) return;
      if (lookedMs > 0 && watermarkMs - lookedMs > config.forgetSeconds * 1000) resumedMs = watermarkMs;
      lookedMs = watermarkMs;
      for (const anomaly of renamed) out.push(takeBack(anomaly, watermarkMs));
      renamed = [];
      const first = out.length;
      outlook.look(watermarkMs, resumedMs, out);
      for (const anomaly of out.slice(first)) {
        if (anomaly.revision === 1) told.add(1, { what: anomaly.ahead!.what.split(' ', 1)[0]! });
      }
      nodes.set(book.size);
    },
    save: (writer) => {
      pyramid.save(writer);
      writer.json(table.save());
      writer.json(book.save());
      writer.json(Number.isFinite(lookedMs) ? lookedMs : null);
    },
    load: (reader) => {
      pyramid.load(reader);
      table.load(reader.json<SavedSeries>());
      book.load(reader.json<NodeRecord[]>());
      risks = [];
      for (const node of book.all()) for (const [slot, risk] of node.risks) risks[slot] = risk;
      lookedMs = reader.json<number | null>() ?? Number.NEGATIVE_INFINITY;
    },
  };
}
