import type { ComponentEvidence } from '../evidence/component-evidence.ts';
import type { Components } from '../graph/components.ts';
import { causesOf } from '../graph/reach.ts';
import { type LookUp, otherNamesOf } from './other-name.ts';

/** What can have caused the symptoms. */
export interface Suspects {
  /** Hops from each suspect to the nearest symptom. */
  readonly hops: ReadonlyMap<string, number>;
  /** By symptom: everything whose trouble can reach it. */
  readonly reach: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** By symptom that is a bare address: the services it is held to be another name of. */
  readonly otherNames: ReadonlyMap<string, readonly string[]>;
}

/** From this share on an address is held to be another name. */
const sameCallShare = 0.5;

/** Components whose trouble reaches a symptom along the graph, or the service that a symptom is another name of. */
export function suspectsOf(
  components: Components,
  symptoms: readonly string[],
  maxHops: number,
  lookUp: LookUp,
  slackMs: number,
): Suspects {
  const hops = new Map<string, number>();
  const reach = new Map<string, ReadonlyMap<string, number>>();
  const otherNames = new Map<string, readonly string[]>();
  for (const symptom of symptoms) {
    const reached = new Map(causesOf(components, symptom, maxHops));
    const names = namesOf(lookUp(symptom), components, lookUp, slackMs);
    if (names.length > 0) otherNames.set(symptom, names);
    for (const name of names) {
      for (const [key, distance] of causesOf(components, name, maxHops - 1))
        reached.set(key, Math.min(distance + 1, reached.get(key) ?? Number.POSITIVE_INFINITY));
    }
    reach.set(symptom, reached);
    for (const [key, distance] of reached) hops.set(key, Math.min(distance, hops.get(key) ?? Number.POSITIVE_INFINITY));
  }
  return { hops, reach, otherNames };
}

function namesOf(
  of: ComponentEvidence | undefined,
  components: Components,
  lookUp: LookUp,
  slackMs: number,
): readonly string[] {
  if (of === undefined) return [];
  const found = (['latency', 'errors'] as const).flatMap((signal) => [
    ...otherNamesOf(of, lookUp, components, slackMs, signal),
  ]);
  return [...new Set(found.filter(([, share]) => share >= sameCallShare).map(([key]) => key))].sort();
}
