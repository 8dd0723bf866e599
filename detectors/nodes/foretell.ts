import { type Anomaly, contentHash, contentId, type FailureAhead, toTimestamp } from '../../model/index.ts';

/** What one look at a node came to. */
export interface Outlook {
  readonly probability: number;
  readonly what: string;
  readonly expectedMs: number;
  readonly earliestMs: number;
  readonly latestMs: number;
  /** When what leads there began. */
  readonly sinceMs: number;
  readonly evidence: readonly string[];
}

export const nodeDetector = 'node-failure';
export const nodeMetric = 'kybern.node.failure.probability';

/** The anomaly that an outlook is, a new one or the next revision of `before`. */
export function foretell(
  node: string,
  outlook: Outlook,
  nowMs: number,
  minimumConfidence: number,
  before: Anomaly | undefined,
): Anomaly {
  const { probability } = outlook;
  const onset = before?.onset ?? toTimestamp(outlook.sinceMs);
  const series = contentHash(nodeDetector, node);
  const ahead: FailureAhead = {
    what: outlook.what,
    expectedSeconds: seconds(outlook.expectedMs),
    earliestSeconds: seconds(outlook.earliestMs),
    latestSeconds: seconds(outlook.latestMs),
    confidence: Math.round(probability * 1000) / 1000,
    evidence: [...outlook.evidence],
  };
  return {
    id: before?.id ?? contentId('anm', series, nodeDetector, onset),
    revision: (before?.revision ?? 0) + 1,
    state: 'firing',
    entity: { kind: 'node', namespace: '', name: node },
    series,
    metric: nodeMetric,
    signal: 'readiness',
    detector: nodeDetector,
    onset,
    detectedAt: before?.state === 'firing' ? before.detectedAt : toTimestamp(nowMs),
    observed: ahead.confidence,
    expected: 0,
    lower: 0,
    upper: minimumConfidence,
    unit: '1',
    score: probability / minimumConfidence,
    severity: ahead.confidence,
    reason: reasonOf(node, ahead),
    ahead,
  };
}

/** The same, over. */
export function takeBack(anomaly: Anomaly, atMs: number): Anomaly {
  return { ...anomaly, state: 'cleared', revision: anomaly.revision + 1, clearedAt: toTimestamp(atMs) };
}

const seconds = (milliseconds: number) => Math.max(0, Math.round(milliseconds / 1000));

function reasonOf(
  node: string,
  { what, expectedSeconds, earliestSeconds, latestSeconds, confidence, evidence }: FailureAhead,
) {
  const which = what === 'health' ? 'is failing' : `runs out of ${what}`;
  const range = `${describeTime(earliestSeconds)} to ${describeTime(latestSeconds)}`;
  const when = expectedSeconds === 0 ? ' now' : `, expected in ${describeTime(expectedSeconds)} (${range})`;
  return `node ${node} ${which}${when}, ${Math.round(confidence * 100)} % sure: ${evidence.join('; ')}`;
}

/** `45 s`, `12 min`, `3.5 h`, `2 days`: as exact as one needs it. */
export function describeTime(value: number): string {
  if (value < 90) return `${Math.round(value)} s`;
  if (value < 5400) return `${Math.round(value / 60)} min`;
  if (value < 172_800) return `${Number((value / 3600).toFixed(1))} h`;
  return `${Math.round(value / 86_400)} days`;
}
