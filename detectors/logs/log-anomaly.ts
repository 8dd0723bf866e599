import { type Anomaly, contentId, type SeriesDefinition, toTimestamp } from '../../model/index.ts';

/** What a log detector found; the rest of an anomaly follows from the series. */
export interface LogFinding {
  readonly series: SeriesDefinition;
  readonly detector: 'log-template' | 'log-template-rate' | 'log-severity' | 'log-session';
  /** Tells findings of one series, detector and onset apart; the id follows from it. */
  readonly key: string;
  readonly onsetMs: number;
  readonly detectedMs: number;
  readonly observed: number;
  readonly expected: number;
  readonly lower: number;
  readonly upper: number;
  readonly score: number;
  readonly severity: number;
  readonly reason: string;
}

export function logAnomaly(finding: LogFinding): Anomaly {
  const { series, detector, key, onsetMs, detectedMs, ...rest } = finding;
  const onset = toTimestamp(onsetMs);
  return {
    id: contentId('anm', series.fingerprint, detector, key, onset),
    revision: 1,
    state: 'firing',
    entity: series.entity,
    series: series.fingerprint,
    metric: series.name,
    signal: 'log-rate',
    detector,
    onset,
    detectedAt: toTimestamp(detectedMs),
    unit: series.unit,
    ...rest,
  };
}

/** Example lines as the end of a reason, '' where there are none. */
export function suchAs(examples: readonly string[]): string {
  return examples.length === 0 ? '' : `, such as: ${examples.slice(0, 2).join(' | ')}`;
}
