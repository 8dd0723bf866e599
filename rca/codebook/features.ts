import {
  badDirection,
  describeEntity,
  type Evidence,
  entityOfKey,
  type SignalKind,
  toTimestamp,
} from '../../model/index.ts';
import type { ComponentEvidence, SignalChange } from '../evidence/component-evidence.ts';
import type { Fact, FactKind } from '../evidence/facts.ts';
import { type Explained, onsetOf } from '../ranking/explain-away.ts';
import { changeText, formatAmount, formatShare, rampText } from './phrases.ts';

export const featureNames = [
  'oom-killed',
  'memory-ramp',
  'memory-near-limit',
  'memory-rise',
  'traffic-rise',
  'cpu-rise',
  'cpu-near-limit',
  'throttling',
  'saturation',
  'garbage-collection',
  'crash-loop',
  'image-pull',
  'evicted',
  'unschedulable',
  'not-ready',
  'restarts',
  'rollout',
  'config-change',
  'node-not-ready',
  'node-pressure',
  'node-down-under-it',
  'failure-ahead',
  'queue-rise',
  'own-errors',
  'own-latency',
  'log-anomaly',
  'silent',
  'uninstrumented',
  'disk-rise',
  'network-change',
  'other-change',
] as const;
export type FeatureName = (typeof featureNames)[number];

/** An expected symptom as observed: how strongly (0 to 1), and whether it could have been seen at all. */
export interface Feature {
  readonly strength: number;
  readonly known: boolean;
  readonly kind: Evidence['kind'];
  readonly text: string;
  readonly at?: string;
  readonly series?: string;
  readonly anomalyId?: string;
}

export type Features = ReadonlyMap<FeatureName, Feature>;

const absent = (known: boolean, text: string): Feature => ({ strength: 0, known, kind: 'absence', text });

/** Which way the signal went: of what is left, which falls as what is used rises, against the series. */
function directionOf({ series, score }: SignalChange): number {
  return series.direction === badDirection(series.signal) ? score.direction : -score.direction;
}

/** Reads all features off a component's evidence. */
export function featuresOf(of: ComponentEvidence, explained: Explained, hasClusterState: boolean): Features {
  const features = new Map<FeatureName, Feature>();
  const metric = (name: FeatureName, signal: SignalKind, direction: 1 | -1 | 0, share = 1, note = '') => {
    const change = of.changes.get(signal);
    if (change === undefined || (direction !== 0 && directionOf(change) !== direction)) {
      features.set(name, absent(of.known.has(signal), `${signal} did not ${direction === -1 ? 'fall' : 'rise'}`));
      return;
    }
    features.set(name, {
      strength: change.score.severity * share,
      known: true,
      kind: change.series.name.startsWith('log') ? 'log' : 'metric',
      text: changeText(change) + note,
      at: toTimestamp(change.score.onsetMs),
      series: change.series.fingerprint,
      ...(change.anomaly === undefined ? {} : { anomalyId: change.anomaly.id }),
    });
  };
  const fact = (name: FeatureName, kind: FactKind, strength = 1, evidence: Evidence['kind'] = 'event') => {
    const found = of.facts.filter((one) => one.kind === kind);
    if (found.length === 0) features.set(name, absent(hasClusterState, `no ${kind} event`));
    else features.set(name, factFeature(found, strength, evidence));
  };
  fact('oom-killed', 'oom-killed');
  fact('crash-loop', 'crash-loop');
  fact('image-pull', 'image-pull');
  fact('evicted', 'evicted');
  fact('unschedulable', 'unschedulable');
  fact('not-ready', 'not-ready', 0.8);
  fact('restarts', 'restart', 0.7);
  fact('node-not-ready', 'node-not-ready');
  fact('node-pressure', 'node-pressure');
  features.set('rollout', changeFeature(of, 'rollout'));
  features.set('config-change', changeFeature(of, 'config-change'));
  metric('memory-rise', 'memory', 1);
  metric(
    'traffic-rise',
    'traffic',
    1,
    1 - explained.traffic,
    explained.traffic > 0.05 ? ', while its callers are not asked more often' : '',
  );
  metric('cpu-rise', 'cpu', 1);
  metric('throttling', 'cpu-throttling', 1);
  metric('garbage-collection', 'garbage-collection', 1);
  metric('queue-rise', 'queue', 1);
  metric('disk-rise', 'disk', 1);
  metric('network-change', 'network', 0);
  metric('other-change', 'other', 0);
  const inherited = (share: number) =>
    share > 0.05 ? `, ${formatShare(share)} of it explained by what it depends on` : '';
  metric('own-latency', 'latency', 1, 1 - explained.latency, inherited(explained.latency));
  metric('own-errors', 'errors', 1, 1 - explained.errors, inherited(explained.errors));
  if (features.get('own-errors')!.strength === 0) availability(features, of, explained.errors);
  metric('log-anomaly', 'log-rate', 1, 1 - explained.logs, inherited(explained.logs));
  memory(features, of);
  features.set('cpu-near-limit', {
    strength: Number.isNaN(of.cpuShare) ? 0 : clamp((of.cpuShare - 0.75) / 0.2),
    known: !Number.isNaN(of.cpuShare),
    kind: 'metric',
    text: `CPU use reached ${formatShare(of.cpuShare)} of the limit`,
  });
  const strained = (['cpu-rise', 'throttling', 'queue-rise', 'cpu-near-limit'] as const).map(
    (name) => features.get(name)!,
  );
  features.set(
    'saturation',
    strained.reduce((best, one) => (one.strength > best.strength ? one : best)),
  );
  features.set('failure-ahead', foretold(of));
  features.set('node-down-under-it', {
    strength: explained.nodeDown ? 1 : 0,
    known: hasClusterState,
    kind: 'topology',
    text: 'a node it runs on is not ready',
  });
  features.set('silent', {
    strength: of.silentSinceMs === undefined ? 0 : 1,
    known: of.seriesCount > 0,
    kind: 'absence',
    text: 'none of its series has reported since then',
    ...(of.silentSinceMs === undefined ? {} : { at: toTimestamp(of.silentSinceMs) }),
  });
  const resources =
    (['cpu', 'memory'] as const).some((signal) => of.known.has(signal)) || of.component.members.length > 1;
  features.set('uninstrumented', {
    strength: resources || of.component.entity.kind !== 'service' ? 0 : 1,
    known: true,
    kind: 'topology',
    text: 'known only from the calls to it: it has no workload and no resource metrics here',
  });
  return features;
}

function factFeature(found: readonly Fact[], strength: number, kind: Evidence['kind']): Feature {
  const first = found[0];
  const times = found.length === 1 ? '' : ` (${found.length} times)`;
  const text = `${describeEntity(entityOfKey(first.entity))}: ${first.text}${times}`;
  return { strength, known: true, kind, text, at: toTimestamp(first.atMs) };
}

/** A failure that a detector foretells of the component itself. */
function foretold({ anomalies }: ComponentEvidence): Feature {
  const anomaly = anomalies.find(({ ahead }) => ahead !== undefined);
  if (anomaly === undefined) return absent(true, 'no failure is foretold');
  return {
    strength: anomaly.ahead!.confidence,
    known: true,
    kind: 'metric',
    text: anomaly.reason,
    at: anomaly.onset,
    anomalyId: anomaly.id,
  };
}

/** A change may take effect before the event that tells of it is recorded. */
const changeSlackMs = 10_000;

/** The last change before the trouble began; one that Kybern made itself is an answer, not a cause. */
function changeFeature(of: ComponentEvidence, kind: 'rollout' | 'config-change'): Feature {
  const began = onsetOf(of);
  const before = of.facts.filter(
    (fact) => fact.kind === kind && !/^kybern/i.test(fact.by ?? '') && fact.atMs <= began + changeSlackMs,
  );
  if (before.length === 0) return absent(true, `no ${kind} shortly before`);
  return factFeature(before.slice(-1), 1, 'change');
}

function availability(features: Map<FeatureName, Feature>, of: ComponentEvidence, explained: number): void {
  const change = of.changes.get('readiness');
  if (change === undefined) return;
  features.set('own-errors', {
    strength: change.score.severity * (1 - explained),
    known: true,
    kind: 'metric',
    text: changeText(change),
    at: toTimestamp(change.score.onsetMs),
    series: change.series.fingerprint,
    ...(change.anomaly === undefined ? {} : { anomalyId: change.anomaly.id }),
  });
}

function memory(features: Map<FeatureName, Feature>, of: ComponentEvidence): void {
  const { ramp } = of;
  const known = of.known.has('memory');
  if (ramp === undefined) {
    features.set('memory-ramp', absent(known, 'memory did not climb steadily'));
    features.set('memory-near-limit', absent(false, 'no memory limit known'));
    return;
  }
  const base = { kind: 'metric' as const, series: ramp.series.fingerprint, at: toTimestamp(ramp.fromMs) };
  features.set('memory-ramp', { ...base, strength: ramp.strength, known: true, text: rampText(ramp) });
  const share = ramp.limitShare;
  features.set('memory-near-limit', {
    ...base,
    at: toTimestamp(ramp.toMs),
    strength: Number.isNaN(share) ? 0 : clamp((share - 0.75) / 0.15),
    known: !Number.isNaN(share),
    text: `memory reached ${formatShare(share)} of the limit (${formatAmount(ramp.toValue, ramp.series.unit)})`,
  });
}

const clamp = (value: number) => Math.max(0, Math.min(1, value));
