import { type Static, Type } from 'typebox';
import { oneOf } from './one-of.ts';

/** What a signal can be about, from the widest to the narrowest. */
export const entityKinds = [
  'cluster',
  'node',
  'namespace',
  'workload',
  'pod',
  'container',
  'service',
  'operation',
  'series',
] as const;
export type EntityKind = (typeof entityKinds)[number];

export const EntityRef = Type.Object(
  {
    kind: oneOf(entityKinds, 'What sort of thing this is.'),
    namespace: Type.String({ description: "Kubernetes namespace; '' where the thing has none (node, cluster)." }),
    name: Type.String({
      description: "Name within its namespace. A workload is 'Deployment/cart', an operation 'cart:GET /cart'.",
    }),
  },
  { description: 'A reference to an entity.' },
);
export interface EntityRef {
  readonly kind: EntityKind;
  readonly namespace: string;
  readonly name: string;
}

/** The entity as one string, usable as a map key: `kind|namespace|name`. */
export function entityKey(entity: EntityRef): string {
  return `${entity.kind}|${entity.namespace}|${entity.name}`;
}

/** The reverse of {@link entityKey}. */
export function entityOfKey(key: string): EntityRef {
  const first = key.indexOf('|');
  const second = key.indexOf('|', first + 1);
  return {
    kind: key.slice(0, first) as EntityKind,
    namespace: key.slice(first + 1, second),
    name: key.slice(second + 1),
  };
}

export function sameEntity(a: EntityRef, b: EntityRef): boolean {
  return a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}

/** For people: `service shop/cart`, `node node-1`. */
export function describeEntity(entity: EntityRef): string {
  return `${entity.kind} ${entity.namespace === '' ? '' : `${entity.namespace}/`}${entity.name}`;
}

/** A workload's entity from its Kubernetes kind and name. */
export function workloadEntity(target: WorkloadRef): EntityRef {
  return { kind: 'workload', namespace: target.namespace, name: `${target.kind}/${target.name}` };
}

export const workloadKinds = ['Deployment', 'StatefulSet'] as const;

export const WorkloadRef = Type.Object(
  {
    kind: oneOf(workloadKinds, 'Kubernetes kind.'),
    namespace: Type.String({ description: 'Kubernetes namespace.' }),
    name: Type.String({ description: 'Object name.' }),
  },
  { description: 'A scalable Kubernetes object.' },
);
export type WorkloadRef = Static<typeof WorkloadRef>;

export function workloadKey(target: WorkloadRef): string {
  return `${target.kind}/${target.namespace}/${target.name}`;
}
