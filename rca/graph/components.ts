import { type EntityRef, entityKey, entityOfKey } from '../../model/index.ts';
import type { CausalGraph } from './causal-graph.ts';
import { ownerNameOfPod, workloadName } from './pod-owner.ts';

/**
 * What can be at fault: a service with the workload that serves it and that workload's pods, taken as one; or a node.
 * `causes` are components whose trouble becomes this one's by mechanism: those it calls, and the nodes it runs on.
 */
export interface Component {
  readonly key: string;
  readonly entity: EntityRef;
  /** Keys of all entities rolled up here, itself included. */
  readonly members: readonly string[];
  readonly causes: readonly string[];
  readonly effects: readonly string[];
  readonly callees: readonly string[];
  readonly callers: readonly string[];
}

export interface Components {
  readonly version: number;
  readonly byKey: ReadonlyMap<string, Component>;
  /** The component that an entity belongs to. An entity never seen is its own. */
  keyOf(entity: string): string;
}

/** Rolls the graph up. Pure; to be made anew when the graph's version grew. */
export function componentsOf(graph: CausalGraph): Components {
  const resolve = createResolver(graph);
  const members = new Map<string, string[]>();
  for (const key of [...graph.nodes.keys()].sort()) {
    const owner = resolve(key);
    const list = members.get(owner);
    if (list === undefined) members.set(owner, [key]);
    else list.push(key);
  }
  const links = new Map<string, Links>();
  const linksOf = (key: string) => {
    let found = links.get(key);
    if (found === undefined) {
      found = { causes: new Set(), effects: new Set(), callees: new Set(), callers: new Set() };
      links.set(key, found);
    }
    return found;
  };
  for (const edge of graph.edges.values()) {
    if (edge.kind !== 'calls' && edge.kind !== 'runs-on') continue;
    const effect = resolve(edge.from);
    const cause = resolve(edge.to);
    if (effect === cause) continue;
    linksOf(effect).causes.add(cause);
    linksOf(cause).effects.add(effect);
    if (edge.kind === 'runs-on') continue;
    linksOf(effect).callees.add(cause);
    linksOf(cause).callers.add(effect);
  }
  const byKey = new Map<string, Component>();
  for (const [key, list] of members) {
    const { causes, effects, callees, callers } = linksOf(key);
    byKey.set(key, {
      key,
      entity: entityOfKey(key),
      members: list.includes(key) ? list : [key, ...list],
      causes: [...causes].sort(),
      effects: [...effects].sort(),
      callees: [...callees].sort(),
      callers: [...callers].sort(),
    });
  }
  return { version: graph.version, byKey, keyOf: resolve };
}

interface Links {
  readonly causes: Set<string>;
  readonly effects: Set<string>;
  readonly callees: Set<string>;
  readonly callers: Set<string>;
}

function createResolver(graph: CausalGraph): (key: string) => string {
  const owns = new Map<string, string>();
  const serves = new Map<string, string[]>();
  const namesakes = new Map<string, string[]>();
  for (const edge of graph.edges.values()) {
    if (edge.kind === 'owns') owns.set(edge.to, edge.from);
    if (edge.kind === 'serves') serves.set(edge.from, [...(serves.get(edge.from) ?? []), edge.to]);
  }
  for (const key of graph.nodes.keys()) {
    const { kind, name } = entityOfKey(key);
    if (kind !== 'service' && kind !== 'workload') continue;
    const short = `${kind}|${kind === 'workload' ? workloadName(name) : name}`;
    namesakes.set(short, [...(namesakes.get(short) ?? []), key]);
  }

  /** The only thing of that kind and name in the namespace, or the only one that names no namespace, or that one alone. */
  const namesake = (kind: 'service' | 'workload', namespace: string, name: string): string | undefined => {
    const all = namesakes.get(`${kind}|${name}`) ?? [];
    const here = all.filter((key) => entityOfKey(key).namespace === namespace);
    if (here.length > 0) return here.sort()[0];
    const elsewhere = all.filter((key) => namespace === '' || entityOfKey(key).namespace === '');
    return elsewhere.length === 1 ? elsewhere[0] : undefined;
  };
  const served = (key: string, name: string): string | undefined => {
    const all = [...(serves.get(key) ?? [])].sort();
    return all.find((service) => entityOfKey(service).name === name) ?? all[0];
  };
  const ofService = (key: string): string => {
    const { namespace, name } = entityOfKey(key);
    if (namespace !== '') return key;
    return namesakes.get(`service|${name}`)?.filter((other) => other !== key).length === 1
      ? namesakes.get(`service|${name}`)!.find((other) => other !== key)!
      : key;
  };
  const ofWorkload = (key: string): string => {
    const { namespace, name } = entityOfKey(key);
    const service = served(key, workloadName(name)) ?? namesake('service', namespace, workloadName(name));
    return service === undefined ? key : ofService(service);
  };
  const ofPod = (key: string): string => {
    const workload = owns.get(key);
    if (workload !== undefined) return ofWorkload(workload);
    const service = served(key, '');
    if (service !== undefined) return ofService(service);
    const { namespace, name } = entityOfKey(key);
    const owner = ownerNameOfPod(name);
    if (owner === undefined) return key;
    const known = namesake('workload', namespace, owner);
    if (known !== undefined) return ofWorkload(known);
    const byName = namesake('service', namespace, owner);
    return byName === undefined ? key : ofService(byName);
  };

  const memo = new Map<string, string>();
  return (key) => {
    const cached = memo.get(key);
    if (cached !== undefined) return cached;
    const { kind, namespace, name } = entityOfKey(key);
    let owner = key;
    if (kind === 'service') owner = ofService(key);
    else if (kind === 'workload') owner = ofWorkload(key);
    else if (kind === 'pod') owner = ofPod(key);
    else if (kind === 'container') owner = ofPod(entityKey({ kind: 'pod', namespace, name: name.split('/')[0] }));
    else if (kind === 'operation')
      owner = ofService(entityKey({ kind: 'service', namespace, name: name.slice(0, name.indexOf(':')) }));
    memo.set(key, owner);
    return owner;
  };
}
