import type { Metrics, ModelCard, ServingChange } from '../../../model/index.ts';

/** What the versions tell of themselves. */
export interface VersionMetrics {
  changed(made: ServingChange, how: string): void;
  judged(card: ModelCard): void;
  /** So many are kept; since when, epoch milliseconds, each class is served by what serves it. */
  stand(versions: number, since: ReadonlyMap<string, number>): void;
}

export function createVersionMetrics(metrics: Metrics): VersionMetrics {
  const changes = metrics.counter('kybern_model_changes_total', 'Changes of the model that serves a class.', [
    'class',
    'change',
  ]);
  const judged = metrics.counter('kybern_model_candidates_total', 'Versions that were judged.', ['standing']);
  const held = metrics.gauge('kybern_model_versions', 'Versions of the forecasting network on disk.');
  const since = metrics.gauge(
    'kybern_model_serving_since_seconds',
    'When the model that serves a class began to, epoch seconds; 0 for the shipped one from the start.',
    ['class'],
  );

  return {
    changed: (made, how) => changes.add(1, { class: made.class, change: how }),
    judged: ({ standing }) => judged.add(1, { standing }),
    stand(versions, sinceMs) {
      held.set(versions);
      for (const [name, atMs] of sinceMs) since.set(atMs / 1000, { class: name });
    },
  };
}
