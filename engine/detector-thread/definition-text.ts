import type { SeriesCatalog, SeriesIdentity, SeriesKind, SeriesOrigin } from '../../model/index.ts';

/** A definition as it goes to the thread: fingerprint, name, labels one after the other, kind, unit, origin. */
export type WrittenDefinition = readonly [
  fingerprint: string,
  name: string,
  labels: readonly string[],
  kind: SeriesKind,
  unit: string,
  origin: SeriesOrigin,
];

export interface WrittenDefinitions {
  /** Number of the first; the others follow it. */
  readonly first: number;
  readonly series: readonly WrittenDefinition[];
}

/** More at once would hold both threads for long. */
const mostInText = 2048;

/** Definitions of a catalogue from a number on, as texts. */
export function definitionTexts(catalog: SeriesCatalog, from: number): readonly string[] {
  const texts: string[] = [];
  for (let first = from; first < catalog.size; first += mostInText) {
    const series: WrittenDefinition[] = [];
    for (let id = first; id < Math.min(catalog.size, first + mostInText); id += 1) {
      const { fingerprint, name, labels, kind, unit, origin } = catalog.get(id);
      series.push([fingerprint, name, labels.flat(), kind, unit, origin]);
    }
    texts.push(JSON.stringify({ first, series } satisfies WrittenDefinitions));
  }
  return texts;
}

export function identityOf([, name, flat, kind, unit, origin]: WrittenDefinition): SeriesIdentity {
  const labels = flat.flatMap((value, at) => (at % 2 === 1 ? [[flat[at - 1], value] as const] : []));
  return { name, labels, kind, unit, origin };
}
