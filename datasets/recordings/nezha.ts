import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { KybernError } from '../../model/index.ts';
import { readText, utcMs } from '../series/csv.ts';
import type { LogLine, MetricPoint, RecordedLabel, Recording, SpanPoint, TelemetryFrame } from '../telemetry-frame.ts';
import { readNezhaMetrics } from './nezha-metrics.ts';
import { createResources, parseLogs, parseSpans, serviceOfPod } from './nezha-rows.ts';

const frameMs = 5_000;
/** The set's own logs show many faults up to a minute before the time that is given for their injection. */
const earlyMs = 60_000;
/** Each fault's telemetry was kept for about three minutes from its injection on. */
const faultMs = 180_000;
/** Whether Nezha data lie here: a day's folder, `rca_data`, or the whole set. */
export async function isNezha(path: string): Promise<boolean> {
  return (await daysIn(path)).length > 0;
}

/**
 * One day of Train Ticket or Online Boutique: metrics by the minute, logs and spans as they ended, in frames of 5 s.
 * Where several days lie, the one with the most logs. Logs and traces are read file by file (a minute or three each).
 * Labels are the injected faults, from a minute before `inject_time` on (UTC; `inject_timestamp` is 8 hours off). Rejects with KYBERN_DATASET.
 */
export async function openNezha(path: string): Promise<Recording> {
  const days = await daysIn(path);
  if (days.length === 0) throw new KybernError('KYBERN_DATASET', `${path} holds no day of Nezha data`);
  const logCounts = await Promise.all(days.map(async (day) => (await filesIn(join(day, 'log'))).length));
  const day = days[logCounts.indexOf(Math.max(...logCounts))];
  const labels = await readFaults(day);
  const files = await telemetryFiles(day);
  const namespace = labels.some((label) => label.service?.startsWith('ts-')) ? 'ts' : 'hipster';
  const resourceOf = createResources(namespace);
  const [firstLog] = files.flatMap((file) => (file.log === undefined ? [] : [file.log]));
  // Only logs say which node a pod runs on.
  if (firstLog !== undefined) parseLogs(await readText(firstLog), resourceOf);
  const metrics = await readNezhaMetrics(join(day, 'metric'), resourceOf);
  if (metrics.length === 0) throw new KybernError('KYBERN_DATASET', `${day} has no metrics`);
  return {
    name: `nezha/${basename(day)}`,
    startMs: metrics[0].timeMs,
    endMs: metrics[metrics.length - 1].timeMs,
    labels,
    frames: () => framesOf(metrics, files, resourceOf),
  };
}

async function filesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}

const isDay = (name: string) => /^\d{4}-\d{2}-\d{2}$/.test(name);

async function daysIn(path: string): Promise<string[]> {
  const folder = resolve(path);
  const has = async (day: string) => (await filesIn(day)).includes(`${basename(day)}-fault_list.json`);
  if (isDay(basename(folder)) && (await has(folder))) return [folder];
  for (const parent of [folder, join(folder, 'rca_data')]) {
    const days = (await filesIn(parent)).filter(isDay).map((day) => join(parent, day));
    const found = await Promise.all(days.map(has));
    if (found.includes(true)) return days.filter((_, index) => found[index]);
  }
  return [];
}

async function readFaults(day: string): Promise<RecordedLabel[]> {
  const file = join(day, `${basename(day)}-fault_list.json`);
  const text = await readText(file);
  try {
    const hours = JSON.parse(text) as Record<
      string,
      { inject_time: string; inject_pod: string; inject_type: string }[]
    >;
    const faults = Object.values(hours).flat();
    const labels = faults.map((fault): RecordedLabel => {
      const injectedMs = utcMs(fault.inject_time);
      const startMs = injectedMs - earlyMs;
      return {
        startMs,
        endMs: injectedMs + faultMs,
        service: serviceOfPod(fault.inject_pod),
        cause: fault.inject_type,
      };
    });
    return labels.sort((a, b) => a.startMs - b.startMs);
  } catch (cause) {
    throw new KybernError('KYBERN_DATASET', `${file} does not hold a list of faults`, { cause });
  }
}

interface TelemetryFile {
  readonly log?: string;
  readonly trace?: string;
}

/** Log and trace files by the minute they end in; `construct_data` of the same day adds its minutes of normal time. */
async function telemetryFiles(day: string): Promise<TelemetryFile[]> {
  const normal = join(dirname(dirname(day)), 'construct_data', basename(day));
  const byMinute = new Map<string, { log?: string; trace?: string }>();
  for (const folder of [normal, day]) {
    for (const kind of ['log', 'trace'] as const) {
      for (const name of await filesIn(join(folder, kind))) {
        const minute = name.slice(0, 5);
        byMinute.set(minute, { ...byMinute.get(minute), [kind]: join(folder, kind, name) });
      }
    }
  }
  return [...byMinute].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, files]) => files);
}

const endOf = (span: SpanPoint) => span.startMs + span.durationMs;

async function* framesOf(
  metrics: readonly MetricPoint[],
  files: readonly TelemetryFile[],
  resourceOf: ReturnType<typeof createResources>,
): AsyncIterable<TelemetryFrame> {
  let nextMetric = 0;
  let logs: LogLine[] = [];
  let spans: SpanPoint[] = [];
  let atMs = metrics[0].timeMs;

  function* until(untilMs: number): Iterable<TelemetryFrame> {
    logs.sort((a, b) => a.timeMs - b.timeMs);
    spans.sort((a, b) => endOf(a) - endOf(b));
    let log = 0;
    let span = 0;
    for (;;) {
      const due = Math.min(
        metrics[nextMetric]?.timeMs ?? Number.POSITIVE_INFINITY,
        logs[log]?.timeMs ?? Number.POSITIVE_INFINITY,
        span < spans.length ? endOf(spans[span]) : Number.POSITIVE_INFINITY,
      );
      if (due > untilMs || due === Number.POSITIVE_INFINITY) break;
      // Empty stretches are skipped: the next frame is the first that holds anything, on the same grid.
      atMs = Math.max(atMs, Math.ceil(due / frameMs) * frameMs);
      const [fromMetric, fromLog, fromSpan] = [nextMetric, log, span];
      while (nextMetric < metrics.length && metrics[nextMetric].timeMs <= atMs) nextMetric += 1;
      while (log < logs.length && logs[log].timeMs <= atMs) log += 1;
      while (span < spans.length && endOf(spans[span]) <= atMs) span += 1;
      yield {
        atMs,
        metrics: metrics.slice(fromMetric, nextMetric),
        logs: logs.slice(fromLog, log),
        spans: spans.slice(fromSpan, span),
      };
      atMs += frameMs;
    }
    logs = logs.slice(log);
    spans = spans.slice(span);
  }

  for (const { log, trace } of files) {
    const moreLogs = log === undefined ? [] : parseLogs(await readText(log), resourceOf);
    const moreSpans = trace === undefined ? [] : parseSpans(await readText(trace), resourceOf);
    // Files overlap: what came before is complete up to the oldest of what comes next.
    let oldest = Number.POSITIVE_INFINITY;
    for (const one of moreLogs) oldest = Math.min(oldest, one.timeMs);
    for (const span of moreSpans) oldest = Math.min(oldest, endOf(span));
    if (oldest < Number.POSITIVE_INFINITY) yield* until(oldest - frameMs);
    logs = logs.concat(moreLogs);
    spans = spans.concat(moreSpans);
  }
  yield* until(Number.POSITIVE_INFINITY);
}
