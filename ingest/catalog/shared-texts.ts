import { type EntityRef, entityKey, type Labels, type SeriesIdentity } from '../../model/index.ts';

/** One object for each label, name and entity, however many series have it: nine tenths of what a series would weigh. */
export interface SharedTexts {
  /** The identity with its name, unit and labels from what is shared. */
  identity(identity: SeriesIdentity): SeriesIdentity;
  entity(entity: EntityRef): EntityRef;
}

export function createSharedTexts(): SharedTexts {
  const texts = new Map<string, string>();
  const labelsByName = new Map<string, Map<string, Labels[number]>>();
  const entities = new Map<string, EntityRef>();

  function text(value: string): string {
    return found(texts, value, () => value);
  }

  function label(pair: Labels[number]): Labels[number] {
    const [name, value] = pair;
    const byValue = found(labelsByName, name, () => new Map());
    return found(byValue, value, () => [text(name), value]);
  }

  return {
    identity: (identity) => ({
      ...identity,
      name: text(identity.name),
      unit: text(identity.unit),
      labels: identity.labels.map(label),
    }),
    entity: (entity) => found(entities, entityKey(entity), () => entity),
  };
}

function found<T>(among: Map<string, T>, key: string, make: () => T): T {
  let known = among.get(key);
  if (known === undefined) {
    known = make();
    among.set(key, known);
  }
  return known;
}
