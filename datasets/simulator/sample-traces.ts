import type { Random } from '../../model/index.ts';
import type { Attributes, SpanPoint } from '../telemetry-frame.ts';
import { callTimeoutMs, pauseMs, selfSpread, usualFailures } from './latency.ts';
import { exponential, gaussian, hexDigits, poisson } from './randomness.ts';
import { consumeOperation, type Operation, publishOperation, routes } from './shop-routes.ts';
import type { SimPod, SimWorkload, WorldState } from './world-state.ts';

/** A request at the door as its trace tells it: what the front's access log is written from. */
export interface SampledRequest {
  readonly span: SpanPoint;
  /** The innermost failed call, for those that failed. */
  readonly failure: Failure | undefined;
}

export interface Failure {
  readonly span: SpanPoint;
  readonly reason: string;
}

interface CallResult {
  readonly durationMs: number;
  readonly failed: boolean;
}

/**
 * A head-sampled share of the requests since `sinceMs`, each with its whole call tree. Durations are drawn from the
 * state as it is now: lognormal own time, exponential waits, backlog, collection pauses; a callee that takes too long
 * is given up on by its caller though it works on. Services write server spans; calls to database, cache and queue are
 * client and producer spans, and so are calls that met no living endpoint.
 */
export function sampleTraces(
  state: WorldState,
  sinceMs: number,
  traceShare: number,
  random: Random,
): { spans: SpanPoint[]; requests: SampledRequest[] } {
  const spans: DatedSpan[] = [];
  const requests: SampledRequest[] = [];
  const seconds = (state.nowMs - sinceMs) / 1000;
  const sampler = createSampler(state, random, spans);
  routes.forEach((route, index) => {
    const count = poisson(random, state.traffic.rates[index] * traceShare * seconds);
    for (let made = 0; made < count; made++) {
      const request = sampler.sample(route.entry, state.nowMs - random() * (state.nowMs - sinceMs));
      if (request !== undefined) requests.push(request);
    }
  });
  return { spans, requests };
}

/** Until its trace is whole, a span's start is relative to the trace's. */
type DatedSpan = SpanPoint & { startMs: number };

function createSampler(state: WorldState, random: Random, spans: DatedSpan[]) {
  let traceId = '';
  let failure: Failure | undefined;

  function put(operation: Operation, span: Omit<SpanPoint, 'traceId' | 'name'>): SpanPoint {
    const full = { traceId, name: operation.name, ...span };
    spans.push(full);
    return full;
  }

  function fail(span: SpanPoint, reason: string): void {
    failure ??= { span, reason };
  }

  /** What an operation takes by itself on this pod. */
  function ownTime(operation: Operation, pod: SimPod): number {
    const spread = Math.exp(selfSpread * gaussian(random) - (selfSpread * selfSpread) / 2);
    let time = operation.selfMs * pod.workload.load.slowness * spread + pod.backlogMs * (0.85 + 0.3 * random());
    const waits = Math.min(0.95, pod.utilisation);
    if (waits > 0.02 && random() < waits) time += exponential(random, pod.waitMs / waits);
    if (pod.collecting > 0.005 && random() < 2 * pod.collecting) time += exponential(random, pauseMs);
    return time;
  }

  function call(operation: Operation, caller: SimPod | undefined, startMs: number, parentId: string): CallResult {
    const workload = state.byService.get(operation.service)!;
    const pod = endpoint(workload, random);
    if (pod === undefined) return refuse(operation, caller, startMs, parentId);
    return workload.spec.role === 'service'
      ? serve(operation, pod, startMs, parentId)
      : query(operation, pod, caller, startMs, parentId);
  }

  function refuse(operation: Operation, caller: SimPod | undefined, startMs: number, parentId: string): CallResult {
    const durationMs = 1 + 2 * random();
    if (caller === undefined) return { durationMs, failed: true };
    const attributes = { 'peer.service': operation.service, 'error.type': 'ECONNREFUSED' };
    const spanId = hexDigits(random, 16);
    const span = { spanId, parentId, kind: 3, startMs, durationMs, error: true } as const;
    fail(put(operation, { ...span, resource: caller.resource, attributes }), 'connection refused');
    return { durationMs, failed: true };
  }

  function query(
    operation: Operation,
    pod: SimPod,
    caller: SimPod | undefined,
    startMs: number,
    parentId: string,
  ): CallResult {
    const durationMs = ownTime(operation, pod);
    const failed = random() < pod.rejected + usualFailures;
    const kind = operation === publishOperation ? 4 : 3;
    const spanId = hexDigits(random, 16);
    const attributes = storeAttributes(operation, pod.workload);
    const resource = (caller ?? pod).resource;
    const span = put(operation, { spanId, parentId, kind, startMs, durationMs, error: failed, resource, attributes });
    if (failed) fail(span, 'too many clients');
    if (operation === publishOperation && !failed) consume(startMs + durationMs, spanId);
    return { durationMs, failed };
  }

  /** The order is worked on after its message waited in the queue; nobody waits for that. */
  function consume(publishedMs: number, parentId: string): void {
    const pod = endpoint(state.byService.get(consumeOperation.service)!, random);
    const queuedMs = (1000 * state.queueDepth) / Math.max(1, state.operationRates[consumeOperation.index]);
    if (pod === undefined) return;
    const durationMs = ownTime(consumeOperation, pod);
    const spanId = hexDigits(random, 16);
    const timing = { kind: 5, startMs: publishedMs + queuedMs, durationMs, error: false } as const;
    put(consumeOperation, { spanId, parentId, ...timing, resource: pod.resource, attributes: consumeAttributes });
  }

  function serve(operation: Operation, pod: SimPod, startMs: number, parentId: string | undefined): CallResult {
    const spanId = hexDigits(random, 16);
    const { resource } = pod;
    const parent = parentId === undefined ? {} : { parentId };
    if (random() < pod.rejected) {
      const durationMs = 1 + random();
      const timing = { kind: 2, startMs, durationMs, error: true } as const;
      fail(
        put(operation, { spanId, ...parent, ...timing, resource, attributes: statusOf(operation, 503) }),
        'overloaded',
      );
      return { durationMs, failed: true };
    }
    const ownMs = ownTime(operation, pod);
    let durationMs = 0.6 * ownMs;
    let failed = random() < usualFailures + pod.template.failing;
    const ownFailure = failed;
    let besideMs = 0;
    for (const { operation: callee, probability, critical } of operation.calls) {
      if (failed && !operation.parallel) break;
      if (probability < 1 && random() >= probability) continue;
      const result = call(callee, pod, startMs + durationMs, spanId);
      const waitedMs = Math.min(callTimeoutMs, result.durationMs);
      if (operation.parallel) besideMs = Math.max(besideMs, waitedMs);
      else durationMs += waitedMs;
      if (critical && (result.failed || result.durationMs > callTimeoutMs)) failed = true;
    }
    durationMs += besideMs + 0.4 * ownMs;
    const attributes = statusOf(operation, failed ? (ownFailure ? 500 : 502) : 200);
    const span = put(operation, {
      spanId,
      ...parent,
      kind: 2,
      startMs,
      durationMs,
      error: failed,
      resource,
      attributes,
    });
    if (failed) fail(span, ownFailure ? 'internal error' : 'upstream timed out');
    return { durationMs, failed };
  }

  return {
    /** One request that ends at this moment: spans are exported when they are over. */
    sample(entry: Operation, endMs: number): SampledRequest | undefined {
      traceId = hexDigits(random, 32);
      failure = undefined;
      const first = spans.length;
      const pod = endpoint(state.byService.get(entry.service)!, random);
      if (pod === undefined) return undefined;
      const { durationMs } = serve(entry, pod, 0, undefined);
      const span = spans[spans.length - 1];
      let kept = first;
      for (let index = first; index < spans.length; index++) {
        const dated = spans[index];
        dated.startMs += endMs - durationMs;
        // What outlives the request (a callee that was given up on, the consumer of its message) may not be over yet.
        if (dated.startMs + dated.durationMs <= state.nowMs || dated === span) spans[kept++] = dated;
      }
      spans.length = kept;
      return { span, failure };
    },
  };
}

/** The pod that a call goes to, or undefined where it meets none that lives. */
function endpoint(workload: SimWorkload, random: Random): SimPod | undefined {
  if (workload.load.refused > 0 && random() < workload.load.refused) return undefined;
  let total = 0;
  for (const pod of workload.pods) total += pod.rate;
  let at = random() * total;
  for (const pod of workload.pods) {
    at -= pod.rate;
    if (at < 0) return pod;
  }
  return undefined;
}

const statuses = new Map<Operation, Map<number, Attributes>>();

function statusOf(operation: Operation, code: number): Attributes {
  const ofOperation = statuses.get(operation) ?? new Map<number, Attributes>();
  statuses.set(operation, ofOperation);
  let attributes = ofOperation.get(code);
  if (attributes === undefined) {
    const [method, route] = operation.name.split(' ');
    const request = { 'http.request.method': method, 'http.route': route };
    attributes = { ...request, 'http.response.status_code': String(code) };
    ofOperation.set(code, attributes);
  }
  return attributes;
}

const consumeAttributes: Attributes = { 'messaging.system': 'rabbitmq', 'peer.service': 'rabbitmq' };

const storeAttributesOf = new Map<Operation, Attributes>();

function storeAttributes(operation: Operation, workload: SimWorkload): Attributes {
  let attributes = storeAttributesOf.get(operation);
  if (attributes === undefined) {
    const { role, name } = workload.spec;
    const system = role === 'queue' ? { 'messaging.system': name } : { 'db.system.name': name };
    attributes = { ...system, 'peer.service': name };
    storeAttributesOf.set(operation, attributes);
  }
  return attributes;
}
