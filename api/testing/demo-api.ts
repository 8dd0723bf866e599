import type { FastifyInstance } from 'fastify';
import { Value } from 'typebox/value';
import type { Clock, Metrics, SloStatus } from '../../model/index.ts';
import type { ApiDeps } from '../api-deps.ts';
import { ApiConfig } from '../config.ts';
import { createApi } from '../create-api.ts';
import { type DemoDecisions, demoDecisions } from './demo-decisions.ts';
import { demoTopology, pod } from './demo-entities.ts';
import { demoSeries } from './demo-series.ts';
import { createFakeEngine, type FakeEngine } from './fake-engine.ts';
import { createFakeStore, emptyContent } from './fake-store.ts';

export interface DemoApi {
  readonly app: FastifyInstance;
  readonly engine: FakeEngine;
  readonly decisions: DemoDecisions;
}

export interface DemoApiOptions {
  readonly nowMs?: number;
  readonly config?: ApiConfig;
  readonly empty?: boolean;
  readonly unready?: string;
  readonly spared?: boolean;
  readonly metrics?: Metrics;
  readonly sleep?: Clock['sleep'];
}

export const demoNowMs = Date.UTC(2026, 4, 12, 10, 0, 0);
const onsetBeforeNowMs = 11 * 60_000;

/** The defaults of every setting. */
export function defaultConfig(): ApiConfig {
  return Value.Parse(ApiConfig, Value.Default(ApiConfig, {}));
}

/** The API over {@link demoDeps}. */
export async function createDemoApi(options: DemoApiOptions = {}): Promise<DemoApi> {
  const deps = demoDeps(options);
  return { app: await createApi(deps), engine: deps.engine, decisions: deps.decisions };
}

/** A fake store and engine that hold one open and one resolved incident, or nothing. */
export function demoDeps(options: DemoApiOptions = {}): ApiDeps & Pick<DemoApi, 'engine' | 'decisions'> {
  const nowMs = options.nowMs ?? demoNowMs;
  const onsetMs = nowMs - onsetBeforeNowMs;
  const empty = options.empty === true;
  const decisions: DemoDecisions = empty ? emptyDecisions() : demoDecisions(onsetMs);
  const store = createFakeStore({
    ...decisions,
    series: empty ? [] : demoSeries(nowMs - 3_600_000, nowMs, onsetMs),
    logs: empty ? [] : demoLogs(onsetMs),
    spans: empty ? [] : demoSpans(onsetMs),
  });
  const engine = createFakeEngine({
    topology: empty ? { nodes: [], edges: [] } : demoTopology(new Date(nowMs).toISOString()),
    decisions,
    nowMs: () => nowMs,
    startedAtMs: nowMs - 7_260_000,
    mode: empty ? 'observe' : 'approve',
    series: empty ? 0 : 214,
    ...(empty
      ? {}
      : {
          demo: { seed: 7 },
          slos: demoStandings(nowMs),
          received: { metrics: nowMs - 2000, logs: nowMs - 1_140_000 },
        }),
    ...(options.unready === undefined ? {} : { unready: options.unready }),
    ...(options.spared === undefined ? {} : { spared: options.spared }),
  });
  return {
    store,
    engine,
    decisions,
    slos: empty
      ? []
      : [
          { service: 'checkout', latencyP95Ms: 200, errorRatio: 0.01 },
          { service: 'catalog', latencyP95Ms: 150 },
        ],
    config: options.config ?? defaultConfig(),
    clock: { now: () => nowMs, sleep: options.sleep ?? sleepUntilAborted },
    version: '0.1.0',
    ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
  };
}

function emptyDecisions(): DemoDecisions {
  const { incidents, anomalies, proposals, actions, audit } = emptyContent;
  return {
    incidents: [...incidents],
    anomalies,
    proposals,
    actions: [...actions],
    audit,
    feedback: [],
    maintenance: [],
  };
}

/** Time stands still: resolves only when aborted. */
function sleepUntilAborted(_milliseconds: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(false), { once: true }));
}

function demoStandings(nowMs: number): SloStatus[] {
  const standing = { namespace: 'shop', atMs: nowMs - 10_000, errorRatio: 0.004 };
  return [
    { ...standing, service: 'checkout', latencyP95Ms: 436, requestRate: 12, met: false },
    { ...standing, service: 'catalog', latencyP95Ms: 74, requestRate: 101, met: true },
  ];
}

function demoLogs(onsetMs: number) {
  return [
    {
      timeMs: onsetMs + 510_000,
      severity: 17,
      body: 'java.lang.OutOfMemoryError: Java heap space',
      entity: pod('cart-6d9f7c-x2x9k'),
      traceId: '',
    },
    {
      timeMs: onsetMs + 100_000,
      severity: 9,
      body: 'cart loaded',
      entity: pod('cart-6d9f7c-x2x9k'),
      traceId: 'ab'.repeat(16),
    },
  ];
}

function demoSpans(onsetMs: number) {
  const span = { traceId: 'ab'.repeat(16), status: 1, kind: 2 };
  return [
    {
      ...span,
      spanId: '0000000000000002',
      parentId: '0000000000000001',
      name: 'GET /cart',
      service: 'cart',
      startMs: onsetMs + 5.25,
      durationMs: 41.5,
    },
    {
      ...span,
      spanId: '0000000000000001',
      parentId: '',
      name: 'POST /checkout',
      service: 'checkout',
      startMs: onsetMs,
      durationMs: 63,
    },
  ];
}
