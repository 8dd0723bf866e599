import { canonicalLabels, type Labels, labelValue, type SeriesCatalog } from '../../model/index.ts';
import type { LabelLimits } from '../intake/label-set.ts';
import { limitedLabels } from '../intake/label-set.ts';
import { severityOf } from '../intake/severity.ts';
import { refusal, refusalOf } from '../intake/tally.ts';
import type { Tenant } from '../intake/tenant.ts';
import { isLevelName } from './entry-metadata.ts';

/** A stream of lines: its series, or a refusal (negative), and the level that its labels tell for all of its lines. */
export interface LogStream {
  readonly id: number;
  readonly severity: number;
  /** The series of this stream's lines that say themselves from which pod they are. */
  ofPod(pod: string): number;
}

export interface LogStreams {
  of(pairs: readonly (readonly [string, string])[], tenant: Tenant): LogStream;
  /** A stream whose labels cannot be read. */
  refused(refusal: number): LogStream;
}

// Loki's own list for `service_name` (limits_config.discover_service_name), which Grafana's views rest on too.
const serviceNames = [
  'service',
  'app',
  'application',
  'name',
  'app_kubernetes_io_name',
  'container',
  'container_name',
  'k8s_container_name',
  'component',
  'workload',
  'job',
  'k8s_job_name',
];
const mostPods = 10_000;
const refusalOfNoLabels = refusal('labels');

/**
 * Interns streams under the limits. A level among the labels is the lines' severity and not the stream's identity: five
 * levels of one container are one stream. `service_name` is found as Loki finds it where the sender gives none.
 */
export function createLogStreams(catalog: SeriesCatalog, limits: LabelLimits): LogStreams {
  function intern(labels: Iterable<readonly [string, string]>): number {
    try {
      return catalog.intern({
        name: 'log',
        labels: limitedLabels(labels, limits),
        kind: 'logs',
        unit: '',
        origin: 'received',
      });
    } catch (error) {
      return refusalOf(error);
    }
  }

  return {
    of(pairs, tenant) {
      const level = pairs.find(([name]) => isLevelName(name))?.[1] ?? '';
      const own = withService(canonicalLabels(pairs.filter(([name]) => !isLevelName(name))));
      const labels = [...own, ...tenant.labels];
      const byPod = new Map<string, number>();
      return {
        id: pairs.length === 0 ? refusalOfNoLabels : intern(labels),
        severity: severityOf(level),
        ofPod(pod) {
          let id = byPod.get(pod);
          if (id === undefined) {
            if (byPod.size >= mostPods) byPod.clear();
            id = intern([...own, ['pod', pod], ...tenant.labels]);
            byPod.set(pod, id);
          }
          return id;
        },
      };
    },
    refused: (id) => ({ id, severity: 0, ofPod: () => id }),
  };
}

function withService(labels: Labels): Labels {
  if (labelValue(labels, 'service_name') !== undefined || labelValue(labels, 'service.name') !== undefined)
    return labels;
  for (const name of serviceNames) {
    const value = labelValue(labels, name);
    // Promtail and Alloy name jobs `namespace/container`.
    if (value !== undefined) return [...labels, ['service_name', value.slice(value.lastIndexOf('/') + 1) || value]];
  }
  return labels;
}
