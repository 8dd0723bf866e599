import { entityKey } from '../format.js';

const ofDeployment = /^(.+)-[a-z0-9]{4,10}-[a-z0-9]{5}$/;
const ofStatefulSet = /^(.+)-\d+$/;

/**
 * Whom an entity belongs to: a pod to its workload, a workload to the service of its name. Pods that are gone are known
 * by the names that Kubernetes gives them.
 * @param {{nodes: readonly any[], edges: readonly any[]}} topology
 * @returns {(entity: {kind: string, namespace: string, name: string}) => {key: string, namespace: string, name: string}}
 */
export function createOwners({ nodes, edges }) {
  const above = new Map();
  for (const { kind, from, to } of edges) {
    if (kind === 'owns') above.set(entityKey(to), from);
    if (kind === 'serves' && from.name.split('/').at(-1) === to.name) above.set(entityKey(from), to);
  }
  const workloads = new Map();
  for (const { entity } of nodes) {
    if (entity.kind === 'workload') workloads.set(`${entity.namespace}|${entity.name.split('/').at(-1)}`, entity);
  }
  const byName = ({ kind, namespace, name }) => {
    if (kind !== 'pod') return undefined;
    const [, stem] = ofDeployment.exec(name) ?? ofStatefulSet.exec(name) ?? [];
    return stem && workloads.get(`${namespace}|${stem}`);
  };
  return (entity) => {
    let owner = entity;
    for (let i = 0; i < 3; i += 1) owner = above.get(entityKey(owner)) ?? byName(owner) ?? owner;
    const name = owner.kind === 'workload' ? owner.name.split('/').at(-1) : owner.name;
    return { key: `${owner.namespace}|${name}`, namespace: owner.namespace, name };
  };
}
