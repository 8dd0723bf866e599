import {
  type Action,
  type Anomaly,
  type AuditRecord,
  type EntityRef,
  type Feedback,
  type Incident,
  type MaintenanceWindow,
  type Proposal,
  toTimestamp,
  type WorkloadRef,
} from '../../model/index.ts';
import { pod, service, workload } from './demo-entities.ts';

const target: WorkloadRef = { kind: 'Deployment', namespace: 'shop', name: 'cart' };
const mebibyte = 1_048_576;

export interface DemoDecisions {
  readonly incidents: Incident[];
  readonly anomalies: Anomaly[];
  readonly proposals: Proposal[];
  readonly actions: Action[];
  readonly audit: AuditRecord[];
  readonly feedback: Feedback[];
  readonly maintenance: MaintenanceWindow[];
}

/** A memory leak that ends in an OOM kill, its symptom two calls away, with one action waiting and one done before. */
export function demoDecisions(onsetMs: number): DemoDecisions {
  const at = (minutes: number) => toTimestamp(onsetMs + minutes * 60_000);
  const anomalies = demoAnomalies(at);
  return {
    anomalies,
    incidents: [demoIncident(at, anomalies), resolvedIncident(at)],
    proposals: demoProposals(at),
    actions: [waitingAction(at), doneAction(at)],
    audit: demoAudit(at),
    feedback: [],
    maintenance: [],
  };
}

type At = (minutes: number) => string;

function demoAnomalies(at: At): Anomaly[] {
  const make = (
    id: string,
    entity: EntityRef,
    series: string,
    metric: string,
    signal: Anomaly['signal'],
    onset: number,
    observed: number,
    expected: number,
    unit: string,
    reason: string,
  ): Anomaly => ({
    id,
    revision: 1,
    state: 'firing',
    entity,
    series,
    metric,
    signal,
    detector: signal === 'memory' ? 'lstm' : 'seasonal',
    onset: at(onset),
    detectedAt: at(onset + 1),
    observed,
    expected,
    lower: expected * 0.9,
    upper: expected * 1.1,
    unit,
    score: 9.4,
    severity: signal === 'memory' ? 0.97 : 0.84,
    reason,
  });
  return [
    make(
      'anm-0000000000000001',
      pod('cart-6d9f7c-x2x9k'),
      'a1b2c3d4e5f60001',
      'container_memory_working_set_bytes',
      'memory',
      0.5,
      251e6,
      190e6,
      'bytes',
      'Memory is 32 % above what is usual at this hour and still growing.',
    ),
    make(
      'anm-0000000000000002',
      service('cart'),
      'a1b2c3d4e5f60002',
      'http.server.request.duration.p95',
      'latency',
      4.5,
      141,
      62,
      'ms',
      'p95 latency is 2.3 times the usual.',
    ),
    make(
      'anm-0000000000000003',
      service('checkout'),
      'a1b2c3d4e5f60003',
      'http.server.request.duration.p95',
      'latency',
      5,
      236,
      118,
      'ms',
      'p95 latency is twice the usual and above its SLO of 200 ms.',
    ),
  ];
}

function demoIncident(at: At, anomalies: readonly Anomaly[]): Incident {
  return {
    id: 'inc-5f0c9a1b7d3e2468',
    revision: 4,
    state: 'open',
    severity: 'critical',
    title: 'checkout is slow: cart leaks memory and is killed at its limit',
    startedAt: at(0.5),
    openedAt: at(5.5),
    updatedAt: at(9),
    symptom: service('checkout'),
    entities: [pod('cart-6d9f7c-x2x9k'), workload('cart'), service('cart'), service('checkout'), service('frontend')],
    anomalies: anomalies.map((anomaly) => anomaly.id),
    events: ['evt-0000000000000001'],
    actions: ['act-0000000000000001'],
    diagnosis: {
      at: at(9),
      abstained: false,
      checked: [
        '13 services along the calls from checkout',
        'rollouts and configuration changes since 30 min before',
        'node pressure',
      ],
      missing: ['garbage collection metrics of cart'],
      causes: [
        {
          rank: 1,
          entity: workload('cart'),
          code: 'memory-leak-oom-killed',
          title: 'Memory leak to OOMKilled',
          probability: 0.86,
          path: [
            { entity: workload('cart'), edge: 'start', onset: at(0.5), text: 'memory grows 34 MiB a minute' },
            {
              entity: pod('cart-6d9f7c-x2x9k'),
              edge: 'owns',
              onset: at(8.8),
              text: 'OOMKilled at its limit of 512 MiB',
            },
            { entity: service('cart'), edge: 'serves', onset: at(4.5), text: 'p95 latency 62 → 410 ms' },
            { entity: service('checkout'), edge: 'calls', onset: at(5), text: 'p95 latency 118 → 436 ms, SLO broken' },
          ],
          evidence: [
            {
              kind: 'metric',
              supports: true,
              weight: 2.6,
              text: 'Memory rose from 181 MiB to 512 MiB in 8.8 min with flat traffic.',
              at: at(8.8),
              anomalyId: 'anm-0000000000000001',
              series: 'a1b2c3d4e5f60001',
            },
            { kind: 'event', supports: true, weight: 2.1, text: 'Container cart was OOMKilled.', at: at(8.8) },
            {
              kind: 'absence',
              supports: true,
              weight: 0.4,
              text: 'No rollout or configuration change of cart in the hour before.',
            },
            {
              kind: 'topology',
              supports: false,
              weight: -0.3,
              text: 'redis, which cart also calls, has no metrics to compare with.',
            },
          ],
        },
        {
          rank: 2,
          entity: service('redis'),
          code: 'dependency-slow',
          title: 'A dependency outside the graph is slow',
          probability: 0.09,
          path: [
            { entity: service('redis'), edge: 'start', text: 'no deviation seen' },
            { entity: service('cart'), edge: 'calls', onset: at(4.5), text: 'p95 latency 62 → 410 ms' },
          ],
          evidence: [{ kind: 'trace', supports: false, weight: -1.2, text: 'Spans to redis take 2 ms as before.' }],
        },
      ],
    },
  };
}

function resolvedIncident(at: At): Incident {
  return {
    id: 'inc-1111aaaa2222bbbb',
    revision: 6,
    state: 'resolved',
    severity: 'warning',
    title: 'catalog: a traffic surge nears the limit of its replicas <script>alert(1)</script>',
    startedAt: at(-95),
    openedAt: at(-93),
    updatedAt: at(-80),
    resolvedAt: at(-80),
    symptom: service('catalog'),
    entities: [service('catalog'), workload('catalog')],
    anomalies: [],
    events: [],
    actions: ['act-0000000000000002'],
    diagnosis: {
      at: at(-92),
      abstained: false,
      checked: ['callers of catalog'],
      missing: [],
      causes: [
        {
          rank: 1,
          entity: service('catalog'),
          code: 'traffic-surge',
          title: 'Traffic surge',
          probability: 0.93,
          path: [{ entity: service('catalog'), edge: 'start', onset: at(-95), text: 'requests 70 → 180 a second' }],
          evidence: [
            { kind: 'metric', supports: true, weight: 3, text: 'Requests rose 2.6-fold at every caller.', at: at(-95) },
          ],
        },
      ],
    },
  };
}

function demoProposals(at: At): Proposal[] {
  const resources = (limit: number) => ({
    requests: { cpuCores: 0.25, memoryBytes: 256 * mebibyte },
    limits: { cpuCores: 1, memoryBytes: limit * mebibyte },
  });
  return [
    {
      id: 'prp-0000000000000001',
      revision: 2,
      state: 'taken',
      createdAt: at(9),
      expiresAt: at(19),
      target,
      source: 'diagnosis',
      incidentId: 'inc-5f0c9a1b7d3e2468',
      changes: [
        { type: 'resources', method: 'template', container: 'cart', from: resources(512), to: resources(768) },
        { type: 'restart' },
      ],
      reasons: [
        'Buy time until the leak is fixed: 768 MiB last 17 min longer at this rate.',
        'A restart frees what has leaked.',
      ],
      forecast: {
        metric: 'container_memory_working_set_bytes',
        horizonSeconds: 600,
        now: 210e6,
        expected: 546e6,
        upper: 601e6,
      },
      cost: { before: 0.084, after: 0.097 },
      baselines: [
        { name: 'vpa', wants: 'memory request 540 MiB' },
        { name: 'hpa', wants: 'nothing: CPU is at 31 %' },
      ],
      risk: 'low',
    },
    {
      id: 'prp-0000000000000003',
      revision: 1,
      state: 'open',
      createdAt: at(10),
      expiresAt: at(25),
      target: { kind: 'Deployment', namespace: 'shop', name: 'recommend' },
      source: 'search',
      changes: [{ type: 'scale', from: 4, to: 3 }],
      reasons: ['Three replicas hold p95 below 150 ms up to 52 requests a second; 31 are expected.'],
      cost: { before: 0.168, after: 0.126 },
      baselines: [{ name: 'hpa', wants: '4 replicas' }],
      risk: 'low',
    },
  ];
}

function waitingAction(at: At): Action {
  return {
    id: 'act-0000000000000001',
    revision: 2,
    proposalId: 'prp-0000000000000001',
    incidentId: 'inc-5f0c9a1b7d3e2468',
    state: 'gated',
    target,
    changes: demoProposals(at)[0]?.changes ?? [],
    createdAt: at(9),
    updatedAt: at(9.1),
    gates: [
      { gate: 'opt-in', allowed: true, detail: 'kybern.dev/managed is true' },
      { gate: 'fresh', allowed: true, detail: 'decided 6 s ago, at most 30' },
      { gate: 'bounds', allowed: true, detail: '768 MiB, at most 1024' },
      { gate: 'mode', allowed: false, detail: 'mode approve: waits for a person' },
    ],
    reason: 'Buy time until the leak is fixed: 768 MiB last 17 min longer at this rate.',
    detail: 'Waits for approval.',
  };
}

function doneAction(at: At): Action {
  return {
    id: 'act-0000000000000002',
    revision: 5,
    proposalId: 'prp-0000000000000002',
    incidentId: 'inc-1111aaaa2222bbbb',
    state: 'verified',
    target: { kind: 'Deployment', namespace: 'shop', name: 'catalog' },
    changes: [{ type: 'scale', from: 3, to: 5 }],
    createdAt: at(-92),
    updatedAt: at(-85),
    appliedAt: at(-91.8),
    approvedBy: 'auto',
    gates: [{ gate: 'bounds', allowed: true, detail: '5 replicas, at most 8' }],
    reason: 'Traffic will pass what three replicas serve in 4 min.',
    detail: 'The SLO holds.',
    before: { replicas: 3 },
    outcome: {
      sloBefore: true,
      sloAfter: true,
      recoverySeconds: 48,
      costChange: 0.084,
      text: 'p95 stayed below 150 ms through the surge.',
    },
  };
}

function demoAudit(at: At): AuditRecord[] {
  const events: readonly (readonly [number, string, string, string, string?])[] = [
    [-120, 'kybern', 'started', 'Kybern started in mode auto.'],
    [-92, 'kybern', 'action-intended', 'Scale Deployment/shop/catalog from 3 to 5.', 'act-0000000000000002'],
    [-91.8, 'kybern', 'action-applied', 'Written as resourceVersion 48113.', 'act-0000000000000002'],
    [-85, 'kybern', 'action-verified', 'The SLO holds.', 'act-0000000000000002'],
    [-30, 'ada', 'mode-changed', 'Mode auto to approve.'],
    [9, 'kybern', 'action-proposed', 'Memory limit 512 to 768 MiB and restart.', 'act-0000000000000001'],
    [9.1, 'kybern', 'action-gated', 'mode: waits for a person.', 'act-0000000000000001'],
  ];
  return events.map(([minutes, actor, event, detail, actionId], index) => ({
    id: `aud-${String(index + 1).padStart(16, '0')}`,
    sequence: index + 1,
    at: at(minutes),
    actor,
    event,
    detail,
    ...(actionId === undefined ? {} : { actionId, target: 'Deployment/shop/cart' }),
    previousHash: String(index).padStart(64, '0'),
    hash: String(index + 1).padStart(64, '0'),
  }));
}
