import { type Anomaly, KybernError, type Metrics, type SampleBatch, type SeriesCatalog } from '../../model/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { MetricsConfig } from '../config.ts';
import { createSpillIndex, type SpillFiles } from '../spill/index.ts';
import { type AsideCodecDeps, createAsideCodec, type NetworkAges } from './aside-codec.ts';
import { createAsideMetrics } from './aside-metrics.ts';
import { passingEntities } from './comes-and-goes.ts';
import { compactOne } from './compact-one.ts';
import type { Episodes } from './episodes.ts';
import { forgetIntervals } from './model-slots.ts';
import type { NetworkLane, NetworkLanes } from './network-lanes.ts';
import type { OperatorRules } from './operator-rules.ts';
import type { SeriesLives } from './series-lives.ts';
import type { Silences } from './silences.ts';
import type { SlotTable } from './slot-table.ts';

/** Series that are idle lie on disk, with all that they have learnt, until their next sample comes. */
export interface Aside {
  /** Event time has come this far: what has been idle for long leaves memory. Nothing may be under way. */
  rest(watermarkMs: number, out: Anomaly[]): Promise<void>;
  /** The series of these rows that were put aside have slots again. */
  wake(batch: Pick<SampleBatch, 'count' | 'series'>): Promise<void>;
  /** Whether series can be put aside now: else those that are silent for very long are to be forgotten. */
  isOpen(): boolean;
  /** Series put aside. */
  readonly size: number;
  /** Samples that a series put aside has lived through; 0 where it was not. */
  samplesOf(series: number): number;
  /** The network of these lanes is another one. */
  networkChanged(isMeant: (lane: NetworkLane) => boolean): void;
  classesChanged(): void;
  /** Resolves once all that the next state refers to is on disk. Rejects with KYBERN_DATA_DIR. */
  sync(): Promise<void>;
  save(writer: StateWriter): void;
  /** Behind the slot table. */
  load(reader: StateReader): void;
  /** The state that was saved last is durable: records that only those before it referred to are removed. */
  kept(): Promise<void>;
}

export interface AsideDeps extends Omit<AsideCodecDeps, 'ages' | 'catalog' | 'lanes'> {
  readonly catalog: SeriesCatalog;
  readonly config: MetricsConfig;
  readonly table: SlotTable;
  readonly lives: SeriesLives;
  readonly silences: Pick<Silences, 'isSettled'>;
  readonly episodes: Pick<Episodes, 'close'>;
  readonly rules: Pick<OperatorRules, 'shareOf'>;
  readonly metrics: Metrics;
  /** Where they are put; nothing is put aside where it is missing. */
  readonly files?: SpillFiles | undefined;
  /** Told of what could not be read or written. */
  readonly failed?: ((error: KybernError) => void) | undefined;
  /** Room there; `spillBytes` where it is missing. */
  readonly mostBytes?: number | undefined;
  readonly lanes: Pick<NetworkLanes, 'all'>;
}

const sweepMs = 60_000;
/** More at once would keep samples waiting: the rest follows a second of event time later. */
const mostAtOnce = 1000;
const nextMs = 1000;
/** Where event time has jumped so far, nothing came at all; so long series have to come back before any is idle. */
const pauseMs = 600_000;
const returnMs = 900_000;

/**
 * Decisions follow from event time and from what came, in log order: a series is put aside once it has been silent so long
 * that neither its silence nor its last sample can have any consequence any more, so that it comes back as if it had never
 * been away. The network's memory would be void after so long, and is not kept.
 */
export function createAside(deps: AsideDeps): Aside {
  const { catalog, config, columns, table, lives, files, mostBytes = deps.config.spillBytes } = deps;
  const ages: NetworkAges = { classes: 0, networks: {} };
  const index = createSpillIndex();
  const codec = createAsideCodec({ ...deps, lanes: lives.lanes, ages });
  const shown = createAsideMetrics(deps.metrics);
  let nextSweepMs = Number.NEGATIVE_INFINITY;
  let restsFromMs = Number.NEGATIVE_INFINITY;
  let isRefused = false;
  /** What the state that was saved last refers to. */
  let referred: ReadonlySet<number> = new Set();

  const isOpen = (): boolean =>
    files !== undefined && config.spillAfterSeconds > 0 && !isRefused && index.bytes < mostBytes;

  function fail(error: unknown): void {
    if (!(error instanceof KybernError)) throw error;
    deps.failed?.(error);
  }

  function isIdle(slot: number, watermarkMs: number, out: Anomaly[]): boolean {
    const silentMs = watermarkMs - columns.lastMs[slot]!;
    const patienceMs = Math.max(config.spillAfterSeconds * 1000, forgetIntervals * columns.intervalMs[slot]!);
    if (!(silentMs > patienceMs) || !deps.silences.isSettled(slot)) return false;
    // One that has cleared is over for good once nothing can be merged with it any more.
    if (columns.episode[slot] === 2) deps.episodes.close(slot, watermarkMs, '', out);
    return columns.episode[slot] === 0;
  }

  async function putAside(slots: readonly number[]): Promise<void> {
    if (slots.length === 0) return;
    const places = await files!.append(slots.map(codec.write));
    for (const [at, slot] of slots.entries()) {
      const series = columns.series[slot]!;
      const row = index.add({
        ...places[at]!,
        series,
        samples: columns.count[slot]!,
        lastMs: columns.lastMs[slot]!,
      });
      lives.leave(slot);
      table.putAside(series, row);
    }
    shown.spilled(slots.length);
  }

  function forget(row: number, series: number): void {
    index.remove(row);
    table.putAside(series, -1);
  }

  /** Pods and containers have names that nobody will have again. */
  function forgetOld(watermarkMs: number): void {
    index.forEachRow((row, series) => {
      const silentSeconds = (watermarkMs - index.lastMs(row)) / 1000;
      if (silentSeconds <= Math.min(config.forgetSeconds, config.forgetSpilledSeconds)) return;
      const isPassing = passingEntities.has(catalog.get(series).entity.kind);
      if (silentSeconds > (isPassing ? config.forgetSeconds : config.forgetSpilledSeconds)) forget(row, series);
    });
  }

  function restore(series: number, bytes: Uint8Array): boolean {
    const definition = catalog.get(series);
    const { fingerprint, reader } = codec.begin(bytes);
    if (fingerprint !== definition.fingerprint) return false;
    const slot = lives.enter(series);
    // A rule may say by now that it is not scored.
    if (slot < 0) return true;
    columns.series[slot] = series;
    codec.read(slot, reader);
    columns.share[slot] = deps.rules.shareOf(definition);
    if (columns.count[slot]! < config.warmupSamples) lives.learning += 1;
    return true;
  }

  return {
    isOpen,
    get size() {
      return index.size;
    },
    samplesOf(series) {
      const row = table.rowAside(table.slotOf(series));
      return row < 0 ? 0 : index.at(row).samples;
    },
    async rest(watermarkMs, out) {
      if (files === undefined || watermarkMs < nextSweepMs) return;
      isRefused = false;
      if (nextSweepMs > 0 && watermarkMs - nextSweepMs > pauseMs) restsFromMs = watermarkMs + returnMs;
      const idle: number[] = [];
      if (isOpen() && watermarkMs >= restsFromMs)
        table.forEachSlot((slot) => {
          if (idle.length < mostAtOnce && isIdle(slot, watermarkMs, out)) idle.push(slot);
        });
      nextSweepMs = watermarkMs + (idle.length < mostAtOnce ? sweepMs : nextMs);
      forgetOld(watermarkMs);
      try {
        await putAside(idle);
        await compactOne(index, files);
      } catch (error) {
        isRefused = true;
        shown.refused();
        fail(error);
      }
      shown.series(table.used, index.size);
      shown.bytes(index.bytes);
    },
    async wake({ count, series }) {
      const asleep = new Map<number, number>();
      for (let at = 0; at < count; at += 1) {
        const row = table.rowAside(table.slotOf(series[at]!));
        if (row >= 0) asleep.set(series[at]!, row);
      }
      const records = await files!.read([...asleep.values()].map(index.at));
      let damaged = 0;
      for (const [at, [id, row]] of [...asleep].entries()) {
        forget(row, id);
        const bytes = records[at];
        if (bytes !== undefined && restore(id, bytes)) continue;
        damaged += 1;
      }
      shown.restored(asleep.size - damaged);
      if (damaged === 0) return;
      shown.damaged(damaged);
      fail(new KybernError('KYBERN_DATA_DIR', `${damaged} series put aside are damaged, and start anew`));
    },
    networkChanged(isMeant) {
      for (const lane of deps.lanes.all)
        if (isMeant(lane)) ages.networks[lane.name] = (ages.networks[lane.name] ?? 0) + 1;
    },
    classesChanged() {
      ages.classes += 1;
    },
    sync: async () => files?.sync(),
    save(writer) {
      index.save(writer);
      writer.json({ ...ages, nextSweepMs: String(nextSweepMs), restsFromMs: String(restsFromMs) });
      referred = new Set(index.bytesOf.keys());
    },
    load(reader) {
      index.load(reader);
      const saved = reader.json<NetworkAges & { nextSweepMs: string; restsFromMs: string }>();
      ages.classes = saved.classes;
      Object.assign(ages.networks, saved.networks);
      nextSweepMs = Number(saved.nextSweepMs);
      restsFromMs = Number(saved.restsFromMs);
      index.forEachRow((row, series) => {
        if (series >= catalog.size) throw new RangeError(`series ${series} of the state is not in the catalogue`);
        // Where there are no files any more, nothing can come back.
        if (files === undefined) index.remove(row);
        else table.putAside(series, row);
      });
    },
    async kept() {
      await files?.keep(new Set([...referred, ...index.bytesOf.keys()]));
    },
  };
}
