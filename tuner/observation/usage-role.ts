import { labelValue, type SeriesDefinition, signalKindOf } from '../../model/index.ts';

/** What a series says about a pod's usage, or nothing of interest here. */
export interface UsageRole {
  readonly resource: 'cpu' | 'memory';
  /** A cumulative counter of CPU seconds: its rate is the usage. */
  readonly cumulative: boolean;
  /** Container name, or '' where the series is about the whole pod. */
  readonly container: string;
  /** Several senders may tell the same: the lowest preference that is fresh counts. */
  readonly preference: number;
}

const notUsage =
  /util|percent|ratio|limit|request|fault|avail|throttl|quota|period|shares|swap|cache|max_usage|failcnt|node/;
const cpuUnits: ReadonlySet<string> = new Set(['{cpu}', 'cpu', 'cores', '1', '', 's', 'seconds', '{core}']);

/**
 * Recognises CPU and memory usage of pods and containers under OpenTelemetry's and cAdvisor's names: by signal kind, unit
 * and entity, leaving out everything that measures something else (ratios, limits, faults). Working set goes before
 * usage, usage before resident size: it is what the kernel kills by.
 */
export function usageRoleOf(definition: SeriesDefinition): UsageRole | undefined {
  const { entity, labels, kind, unit } = definition;
  if (entity.kind !== 'pod' && entity.kind !== 'container') return undefined;
  const name = definition.name.toLowerCase().replaceAll(/[./-]/g, '_');
  const signal = signalKindOf(definition.name);
  if ((signal !== 'cpu' && signal !== 'memory') || notUsage.test(name)) return undefined;
  if (!/^(k8s_|container_|pod_)/.test(name)) return undefined;
  const container =
    labelValue(labels, 'container') ??
    (name.startsWith('container_') ? labelValue(labels, 'k8s.container.name') : undefined) ??
    '';
  if (container === 'POD') return undefined;
  if (signal === 'memory') {
    if (kind !== 'gauge') return undefined;
    const preference = /working_set/.test(name) ? 0 : /usage/.test(name) ? 1 : /rss/.test(name) ? 2 : undefined;
    return preference === undefined ? undefined : { resource: 'memory', cumulative: false, container, preference };
  }
  if (!cpuUnits.has(unit.toLowerCase())) return undefined;
  const oneOfSeveral = labelValue(labels, 'cpu') ?? 'total';
  if (oneOfSeveral !== 'total' || labelValue(labels, 'state') !== undefined) return undefined;
  if (kind === 'counter') {
    return /seconds|time/.test(name) ? { resource: 'cpu', cumulative: true, container, preference: 1 } : undefined;
  }
  return kind === 'gauge' && /usage/.test(name)
    ? { resource: 'cpu', cumulative: false, container, preference: 0 }
    : undefined;
}
