import type {
  Action,
  Anomaly,
  AuditRecord,
  Feedback,
  Incident,
  MaintenanceWindow,
  Proposal,
} from '../../model/index.ts';

const entity = { kind: 'service', namespace: 'shop', name: 'cart' } as const;
const target = { kind: 'Deployment', namespace: 'shop', name: 'cart' } as const;

/** A time on one day, by its minute. */
export const minute = (n: number): string => new Date(Date.UTC(2026, 5, 1, 12, n)).toISOString();
export const minuteMs = (n: number): number => Date.UTC(2026, 5, 1, 12, n);

export function anomaly(id: string, at: number, change: Partial<Anomaly> = {}): Anomaly {
  return {
    id,
    revision: 1,
    state: 'firing',
    entity,
    series: '00000000000000aa',
    metric: 'heap',
    signal: 'memory',
    detector: 'lstm',
    onset: minute(at),
    detectedAt: minute(at + 1),
    observed: 9,
    expected: 5,
    lower: 4,
    upper: 6,
    unit: 'By',
    score: 7,
    severity: 0.9,
    reason: 'It grew.',
    ...change,
  };
}

export function incident(id: string, at: number, change: Partial<Incident> = {}): Incident {
  return {
    id,
    revision: 1,
    state: 'open',
    severity: 'critical',
    title: 'cart is slow',
    startedAt: minute(at),
    openedAt: minute(at),
    updatedAt: minute(at),
    symptom: entity,
    entities: [entity],
    anomalies: [],
    events: [],
    diagnosis: { at: minute(at), causes: [], abstained: true, checked: [], missing: [] },
    actions: [],
    ...change,
  };
}

export function proposal(id: string, at: number, change: Partial<Proposal> = {}): Proposal {
  return {
    id,
    revision: 1,
    state: 'open',
    createdAt: minute(at),
    expiresAt: minute(at + 5),
    target,
    changes: [{ type: 'scale', from: 1, to: 2 }],
    source: 'forecast',
    reasons: ['More is coming.'],
    cost: { before: 1, after: 2 },
    baselines: [],
    risk: 'low',
    ...change,
  };
}

export function action(id: string, at: number, change: Partial<Action> = {}): Action {
  return {
    id,
    revision: 1,
    proposalId: 'p',
    state: 'proposed',
    target,
    changes: [{ type: 'scale', from: 1, to: 2 }],
    createdAt: minute(at),
    updatedAt: minute(at),
    gates: [],
    reason: 'More is coming.',
    detail: 'waiting',
    ...change,
  };
}

export function auditRecord(sequence: number, change: Partial<AuditRecord> = {}): AuditRecord {
  return {
    id: `aud-${sequence}`,
    sequence,
    at: minute(sequence),
    actor: 'kybern',
    event: 'action-proposed',
    detail: 'so it is',
    previousHash: '0'.repeat(64),
    hash: 'f'.repeat(64),
    ...change,
  };
}

export function feedback(id: string, at: number, change: Partial<Feedback> = {}): Feedback {
  return {
    id,
    revision: 1,
    state: 'active',
    verdict: 'not_an_anomaly',
    anomaly: 'anm-1',
    series: '00000000000000aa',
    metric: 'heap',
    entity,
    direction: 'up',
    view: 'deviation',
    score: 7,
    limit: 14,
    by: 'ada',
    at: minute(at),
    updatedAt: minute(at),
    effect: 'It is told no more.',
    ...change,
  };
}

export function maintenance(id: string, at: number, change: Partial<MaintenanceWindow> = {}): MaintenanceWindow {
  return {
    id,
    revision: 1,
    state: 'planned',
    by: 'ada',
    reason: 'backups',
    createdAt: minute(at),
    updatedAt: minute(at),
    weekly: { days: ['sun'], start: '02:00', minutes: 60 },
    ...change,
  };
}
