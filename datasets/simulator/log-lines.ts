import type { Random } from '../../model/index.ts';
import type { Attributes, LogLine, SpanPoint } from '../telemetry-frame.ts';
import type { SampledRequest } from './sample-traces.ts';
import type { SimWorkload, WorldState } from './world-state.ts';

const none: Attributes = {};
const info = 9;
const error = 17;

/** One in so many sampled requests is in the access log. */
const accessShare = 0.15;

/** What the shop's programs write: access log lines, chatter, failures with what they met, and what happened to them. */
export function sampleLogs(state: WorldState, requests: readonly SampledRequest[], random: Random): LogLine[] {
  const lines: LogLine[] = state.notes.map((note) => ({ ...note, attributes: none }));
  for (const { span, failure } of requests) {
    if (random() < accessShare) lines.push(line(span, info, accessLine(span, random)));
    if (failure !== undefined && random() < 0.5) {
      const { span: at, reason } = failure;
      const after = at.durationMs.toFixed(0);
      lines.push(line(at, error, `${at.name} failed after ${after} ms: ${reason} (${target(at)})`));
      if (at !== span) lines.push(line(span, error, `request ${span.name} failed: upstream answered 502`));
    }
  }
  for (const workload of state.workloads) {
    for (const pod of workload.pods) {
      if (!pod.ready || random() > 0.06) continue;
      const body = chatter(workload, state, random);
      lines.push({ timeMs: state.nowMs, severity: info, body, resource: pod.resource, attributes: none });
    }
  }
  return lines;
}

function line(span: SpanPoint, severity: number, body: string): LogLine {
  const { traceId, spanId, resource } = span;
  return { timeMs: span.startMs + span.durationMs, severity, body, resource, attributes: none, traceId, spanId };
}

function target(span: SpanPoint): string {
  return span.attributes['peer.service'] ?? span.resource['service.name'];
}

function accessLine(span: SpanPoint, random: Random): string {
  const status = span.attributes['http.response.status_code'];
  const user = 1000 + Math.floor(9000 * random());
  return `${span.name} ${status} in ${span.durationMs.toFixed(1)} ms user=${user}`;
}

function chatter(workload: SimWorkload, state: WorldState, random: Random): string {
  const number = Math.floor(1e5 * random());
  switch (workload.spec.role) {
    case 'database':
      return `checkpoint complete: wrote ${number % 900} buffers (${(random() * 3).toFixed(1)} %)`;
    case 'cache':
      return `background saving terminated with success, ${number} keys`;
    case 'queue':
      return `queue orders holds ${Math.round(state.queueDepth)} messages`;
    default:
      return random() < 0.5
        ? `refreshed ${10 + (number % 40)} configuration entries in ${(5 + 10 * random()).toFixed(1)} ms`
        : `connection pool to ${workload.spec.name} backends: ${2 + (number % 8)} idle, ${number % 6} in use`;
  }
}
