/**
 * A series' labels: pairs sorted by name, names unique, no empty values. OpenTelemetry attribute names are kept as
 * they are (`service.name`), Prometheus label names as they are (`namespace`).
 */
export type Labels = readonly (readonly [name: string, value: string])[];

/** Sorts, removes empty values; of a name given twice the last one wins. */
export function canonicalLabels(pairs: Iterable<readonly [string, string]>): Labels {
  const byName = new Map<string, string>();
  for (const [name, value] of pairs) {
    if (value === '') byName.delete(name);
    else byName.set(name, value);
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

export function labelValue(labels: Labels, name: string): string | undefined {
  for (const pair of labels) if (pair[0] === name) return pair[1];
  return undefined;
}

/** The first of several names that has a value: `firstLabel(labels, 'k8s.pod.name', 'pod')`. */
export function firstLabel(labels: Labels, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = labelValue(labels, name);
    if (value !== undefined) return value;
  }
  return undefined;
}
