import { labelValue, type SeriesDefinition } from '../../model/index.ts';
import type { Histogram } from './histogram.ts';

/** The upper bound of the bucket that a series is; undefined where it is none. */
export function boundOf(definition: SeriesDefinition): number | undefined {
  const text = labelValue(definition.labels, 'le');
  if (text === undefined || !/[._]bucket$/.test(definition.name)) return undefined;
  const bound = text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
  return text === '' || Number.isNaN(bound) ? undefined : bound;
}

/** The labels that all buckets of a histogram share. */
export function withoutBound(definition: SeriesDefinition): [string, string][] {
  return definition.labels.filter(([name]) => name !== 'le').map(([name, value]) => [name, value]);
}

export function kindOf(definition: SeriesDefinition): Histogram['kind'] {
  return definition.kind === 'counter' || definition.kind === 'delta' ? definition.kind : 'gauge';
}

/** Prometheus' names say the unit of what was observed. */
export function unitOf(name: string): string {
  return (
    /_(seconds|milliseconds|bytes)$/
      .exec(name)?.[1]
      ?.replace(/^seconds$/, 's')
      .replace('milliseconds', 'ms')
      .replace('bytes', 'By') ?? ''
  );
}
