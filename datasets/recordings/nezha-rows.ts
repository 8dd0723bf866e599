import { utcMs } from '../series/csv.ts';
import type { Attributes, LogLine, SpanPoint } from '../telemetry-frame.ts';

/** `ts-basic-service-5dc8d4f9fd-46997` -> `ts-basic-service`. */
export function serviceOfPod(pod: string): string {
  return pod.replace(/-[a-z0-9]+-[a-z0-9]+$/, '');
}

/** Makes each pod's resource once: a day has a few dozen pods and a million rows. */
export function createResources(namespace: string): (pod: string, node?: string) => Attributes {
  const known = new Map<string, Attributes>();
  const nodes = new Map<string, string>();
  return (pod, node) => {
    if (node !== undefined && node !== '') nodes.set(pod, node);
    const on = nodes.get(pod);
    const key = `${pod}@${on}`;
    const cached = known.get(key);
    if (cached !== undefined) return cached;
    const resource = {
      'service.name': serviceOfPod(pod),
      'k8s.namespace.name': namespace,
      'k8s.deployment.name': serviceOfPod(pod),
      'k8s.pod.name': pod,
      ...(on === undefined ? {} : { 'k8s.node.name': on }),
    };
    known.set(key, resource);
    return resource;
  };
}

/** Epoch nanoseconds as milliseconds with their fraction: as a whole they would not fit a double. */
export function nanosToMs(nanos: string): number {
  return Number(nanos.slice(0, -6)) + Number(nanos.slice(-6)) / 1e6;
}

type ResourceOf = ReturnType<typeof createResources>;

/**
 * Spans of one trace file (TraceID, SpanID, ParentID, PodName, OperationName, start, end, duration). The set does not
 * say a span's kind: one whose parent is elsewhere or nowhere is a server's, one with a child elsewhere a client's.
 */
export function parseSpans(text: string, resourceOf: ResourceOf): SpanPoint[] {
  const rows = text
    .split('\n')
    .slice(1)
    .map((line) => line.trimEnd().split(','))
    .filter((row) => row.length >= 8);
  const podOf = new Map(rows.map((row) => [row[0] + row[1], row[3]]));
  const callers = new Set<string>();
  for (const [trace, , parent, pod] of rows) {
    const parentPod = podOf.get(trace + parent);
    if (parentPod !== undefined && parentPod !== pod) callers.add(trace + parent);
  }
  return rows.map((row): SpanPoint => {
    const [traceId, spanId, parent, pod] = row;
    // An operation's name may have commas of its own; the times are at the end.
    const name = row.slice(4, -3).join(',');
    const startMs = nanosToMs(row[row.length - 3]);
    const parentPod = podOf.get(traceId + parent);
    const kind =
      parent === 'root' || (parentPod !== undefined && parentPod !== pod) ? 2 : callers.has(traceId + spanId) ? 3 : 1;
    return {
      traceId,
      spanId,
      ...(parent === 'root' ? {} : { parentId: parent }),
      name,
      kind,
      startMs,
      durationMs: Math.max(0, nanosToMs(row[row.length - 2]) - startMs),
      error: false,
      resource: resourceOf(pod),
      attributes: {},
    };
  });
}

const severities: Readonly<Record<string, number>> = {
  TRACE: 1,
  DEBUG: 5,
  INFO: 9,
  WARN: 13,
  WARNING: 13,
  ERROR: 17,
  FATAL: 21,
};

/** Records of one log file (Timestamp, TimeUnixNano, Node, PodName, Container, TraceID, SpanID, Log). */
export function parseLogs(text: string, resourceOf: ResourceOf): LogLine[] {
  const logs: LogLine[] = [];
  for (const line of text.split('\n').slice(1)) {
    const parts = line.trimEnd().split(',');
    if (parts.length < 8) continue;
    const [timestamp, nanos, node, pod, , traceId, spanId] = parts;
    // Some records have no nanoseconds but the zero of the recorder's language, at a time of its own.
    const timeMs = /^\d{19}$/.test(nanos) ? nanosToMs(nanos) : utcMs(timestamp.slice(0, 23));
    if (Number.isNaN(timeMs)) continue;
    const body = bodyOf(parts.slice(7).join(','));
    const level = /\b(TRACE|DEBUG|INFO|WARN(?:ING)?|ERROR|FATAL)\b/i.exec(body.slice(0, 240))?.[1].toUpperCase();
    logs.push({
      timeMs,
      severity: level === undefined ? 0 : severities[level],
      body,
      resource: resourceOf(pod, node),
      attributes: {},
      ...(/^[0-9a-f]{32}$/.test(traceId) ? { traceId } : {}),
      ...(/^[0-9a-f]{16}$/.test(spanId) ? { spanId } : {}),
    });
  }
  return logs;
}

/** The cell is a quoted JSON object of the container runtime, whose `log` is what the program wrote. */
function bodyOf(cell: string): string {
  const text = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
  try {
    const record: unknown = JSON.parse(text);
    const hasLog = typeof record === 'object' && record !== null && 'log' in record && typeof record.log === 'string';
    return hasLog ? (record.log as string).trimEnd() : text;
  } catch {
    return text;
  }
}
