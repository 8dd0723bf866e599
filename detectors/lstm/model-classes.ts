import { defaultModelClass } from '../../model/index.ts';

/** A class of series: its name, and the metrics that belong to it; one that ends in * matches all that begin so. */
export interface ModelClass {
  readonly name: string;
  readonly match: readonly string[];
}

export interface ModelClasses {
  /** `default` first, then the others in the order of the configuration. */
  readonly names: readonly string[];
  /** The first class that matches the metric, else `default`. */
  of(metric: string): string;
}

export function createModelClasses(classes: readonly ModelClass[]): ModelClasses {
  const names = [...new Set([defaultModelClass, ...classes.map(({ name }) => name)])];
  const patterns = classes.map(({ name, match }) => ({
    name,
    exact: new Set(match.filter((text) => !text.endsWith('*'))),
    prefixes: match.filter((text) => text.endsWith('*')).map((text) => text.slice(0, -1)),
  }));
  return {
    names,
    of(metric) {
      for (const { name, exact, prefixes } of patterns) {
        if (exact.has(metric) || prefixes.some((prefix) => metric.startsWith(prefix))) return name;
      }
      return defaultModelClass;
    },
  };
}
