import {
  type Anomaly,
  type ClusterSnapshot,
  canonicalLabels,
  describeEntity,
  entityKey,
  type SeriesCatalog,
  workloadEntity,
} from '../../model/index.ts';
import type { Calendar } from '../calendar/index.ts';
import type { LogsConfig } from '../config.ts';
import { internDerived } from '../derived-samples.ts';
import { createEpisodes } from './episodes.ts';
import { learnGap, longestGap } from './line-gaps.ts';
import { logAnomaly } from './log-anomaly.ts';
import type { LogEntity } from './log-entities.ts';
import { createLogWriters, type LogWriter } from './log-writers.ts';
import { type LocalHour, localHourOf, nextHour, quarterOf, writesAllHours } from './writing-hours.ts';

/** Tells of services, workloads and nodes whose log stops altogether while others go on. */
export interface SilentWriters {
  /** An entity wrote so many records in the window that closes. */
  wrote(entity: LogEntity, records: number, endMs: number): void;
  /** Call once for each window, after all that wrote in it. */
  windowClosed(endMs: number, out: Anomaly[]): void;
  /** What the cluster does not want to run any more is not missed. */
  observeCluster(snapshot: ClusterSnapshot): void;
  forgetDeviations(): void;
  save(): unknown;
  load(saved: unknown): void;
}

/**
 * Silent is who writes nothing for so many times the longest gap, and for so long: a restart is over then. Whose day has an
 * end may end it earlier than ever.
 */
const [longestTimes, leastMs, leastByDayMs] = [4, 300_000, 1_200_000];
/** Of a silence that was told so much counts as a gap: the next pause of this kind is not told, the next failure is. */
const mostToldMs = 3_600_000;
/** So many gaps must be known. By chance they spread by their mean; by more they do in bursts, whose next pause may be any. */
const [leastGaps, mostSpread] = [100, 1.25];
/** Where so many of all are silent at once it is their collection that stopped. */
const allShare = 0.8;
/** An hour teaches where so many of its windows had lines of anybody. */
const watchedShare = 0.8;
const [usualWindows, memoryGaps] = [60, 200];
/** Silent for so much longer, it is how things are now. */
const acceptMs = 1_800_000;
const quietMs = 60_000;
/** The scale of scores: that of the metric threshold, for what is barely silent. */
const threshold = 6;

export interface SilentWritersDeps {
  readonly catalog: SeriesCatalog;
  readonly config: LogsConfig;
  readonly calendar: Calendar;
  readonly followsPods: boolean;
}

interface State {
  readonly writers: unknown;
  readonly episodes: unknown;
  readonly hour: LocalHour | null;
  readonly watched: number;
  readonly records: number;
  readonly usual: number;
}

export function createSilentWriters({ catalog, config, calendar, followsPods }: SilentWritersDeps): SilentWriters {
  const windowMs = config.windowSeconds * 1000;
  const hourWindows = 3_600_000 / windowMs;
  const writers = createLogWriters({ followsPods });
  const episodes = createEpisodes({ hits: 1, of: 1, quietMs, acceptMs }, windowMs);
  let hour: LocalHour | null = null;
  /** Windows of this hour in which anybody wrote. */
  let watched = 0;
  /** Records of all in this window, and as they usually are. */
  let records = 0;
  let usual = 0;

  function hourOver(from: LocalHour, to: LocalHour, endMs: number): void {
    const isWatched = watched >= watchedShare * hourWindows;
    for (const writer of writers.all.values()) {
      const { hours, gaps } = writer;
      const wasExpected = hours.isExpected;
      nextHour(hours, from, to, isWatched && !writer.isStopped);
      // A quiet hour that nobody counted on says nothing; but what was told goes on.
      if (!hours.wasFull && !wasExpected && writer.toldMs === 0) gaps.missed = 0;
    }
    writers.forget(endMs);
    watched = 0;
  }

  function hear(writer: LogWriter, endMs: number): void {
    const { gaps, hours } = writer;
    hours.quarters |= quarterOf(calendar, endMs - windowMs);
    const wasTold = writer.toldMs > 0;
    writer.isStopped = false;
    writer.toldMs = 0;
    const gap = 1 + (wasTold ? Math.min(gaps.missed, Math.max(gaps.patience, mostToldMs / windowMs)) : gaps.missed);
    learnGap(gaps, gap, endMs, hours.isExpected);
    if (hours.isExpected) writer.rate += (writer.records / gap - writer.rate) / Math.min(gaps.gaps, memoryGaps);
    gaps.heardMs = endMs;
    gaps.missed = 0;
    const isRegular = gaps.gaps >= leastGaps && gaps.square <= (1 + mostSpread ** 2) * gaps.mean ** 2;
    const shortestMs = writesAllHours(hours) ? leastMs : leastByDayMs;
    gaps.patience = isRegular ? Math.max(shortestMs / windowMs, longestTimes * longestGap(gaps)) : 0;
  }

  function miss(writer: LogWriter): void {
    const { gaps, hours } = writer;
    if (writer.isStopped) {
      gaps.missed = 0;
      writer.toldMs = 0;
      return;
    }
    const usualOthers = usual - writer.usual;
    // Of the only one nobody can tell whether its lines or their collection stopped.
    const others = usualOthers > 0 ? Math.min(1, records / usualOthers) : 0;
    if (hours.isExpected || hours.wasFull || writer.toldMs > 0) gaps.missed += others;
  }

  function find({ ref, labels, gaps, rate }: LogWriter, endMs: number): Anomaly | undefined {
    const series = internDerived(catalog, {
      name: 'log.records.rate',
      labels: canonicalLabels([...labels, ['severity', 'info']]),
      kind: 'gauge',
      unit: '1/s',
      origin: 'logs',
    });
    if (series === undefined) return undefined;
    const { heardMs, missed, patience } = gaps;
    const expected = rate / config.windowSeconds;
    const silentSeconds = Math.round((endMs - heardMs) / 1000);
    const longestSeconds = Math.round(longestGap(gaps) * config.windowSeconds);
    return logAnomaly({
      series: catalog.get(series),
      detector: 'log-template-rate',
      key: 'silent',
      onsetMs: heardMs,
      detectedMs: endMs,
      observed: 0,
      expected,
      lower: Math.min(expected, 1 / (patience * config.windowSeconds)),
      upper: expected,
      score: Math.min(100, (threshold * missed) / patience),
      severity: gaps.gaps / (gaps.gaps + 2),
      reason: `${describeEntity(ref)} writes no log lines any more: none for ${silentSeconds} s, at most ${longestSeconds} s apart before, while others go on`,
    });
  }

  function tell(endMs: number, out: Anomaly[]): void {
    const isCollection = areAllQuiet();
    for (const writer of writers.all.values()) {
      const { gaps, key, hours } = writer;
      if (gaps.patience === 0 || gaps.missed < gaps.patience) continue;
      if (writer.toldMs === 0) {
        if (isCollection || !hours.isExpected) continue;
        writer.toldMs = endMs;
      }
      if (endMs - writer.toldMs <= acceptMs + windowMs)
        episodes.deviates({ key, endMs }, () => find(writer, endMs), out);
    }
  }

  /** Of those from whom lines are expected, and who aren't known to be silent. */
  function areAllQuiet(): boolean {
    let followed = 0;
    let quiet = 0;
    for (const { gaps, hours, toldMs } of writers.all.values()) {
      if (gaps.patience === 0 || !hours.isExpected || toldMs > 0) continue;
      followed += 1;
      if (gaps.missed * longestTimes >= gaps.patience) quiet += 1;
    }
    return quiet > 1 && quiet >= allShare * followed;
  }

  return {
    wrote: (entity, count, endMs) => {
      records += count;
      const writer = writers.of(entity, endMs);
      if (writer !== undefined) writer.records += count;
    },
    windowClosed: (endMs, out) => {
      const now = localHourOf(calendar, endMs - windowMs);
      if (hour !== null && hour.id !== now.id) hourOver(hour, now, endMs);
      hour = now;
      if (records > 0) watched += 1;
      for (const writer of writers.all.values()) {
        if (writer.records === 0) miss(writer);
        writer.usual += (writer.records - writer.usual) / usualWindows;
        if (writer.records > 0) hear(writer, endMs);
        writer.records = 0;
      }
      usual += (records - usual) / usualWindows;
      records = 0;
      tell(endMs, out);
      episodes.windowClosed(endMs, out);
    },
    observeCluster: (snapshot) => {
      const wanted = wantedIn(snapshot);
      for (const writer of writers.all.values()) {
        // Where none are shown, they may not be read.
        if ((writer.ref.kind === 'node' ? snapshot.nodes : snapshot.workloads).length === 0) continue;
        const isWanted = wanted.get(writer.key);
        if (isWanted !== undefined) writer.isListed = true;
        if (writer.isListed) writer.isStopped = isWanted !== true;
      }
    },
    forgetDeviations: () => {
      for (const writer of writers.all.values()) if (episodes.isOpen(writer.key)) writer.toldMs = 0;
      episodes.forgetDeviations();
    },
    save: (): State => ({ writers: writers.save(), episodes: episodes.save(), hour, watched, records, usual }),
    load: (saved) => {
      const state = saved as State;
      writers.load(state.writers);
      episodes.load(state.episodes);
      ({ hour, watched, records, usual } = state);
    },
  };
}

/** By writer that a snapshot shows: whether it is to run. A service goes by the name of its workload. */
function wantedIn({ workloads, nodes }: ClusterSnapshot): ReadonlyMap<string, boolean> {
  const wanted = new Map<string, boolean>();
  for (const { name } of nodes) wanted.set(entityKey({ kind: 'node', namespace: '', name }), true);
  for (const { ref, replicas } of workloads) {
    const service = entityKey({ kind: 'service', namespace: ref.namespace, name: ref.name });
    wanted.set(entityKey(workloadEntity(ref)), replicas > 0);
    wanted.set(service, replicas > 0 || wanted.get(service) === true);
  }
  return wanted;
}
