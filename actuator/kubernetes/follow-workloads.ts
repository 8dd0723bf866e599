import type { V1DaemonSet, V1Deployment, V1PodTemplateSpec, V1StatefulSet } from '@kubernetes/client-node';
import { annotations, type ClusterEvent, contentId, type EntityRef, entityKey } from '../../model/index.ts';
import { latestWrite } from './field-managers.ts';

export type AnyWorkload = V1Deployment | V1StatefulSet | V1DaemonSet;

interface Seen {
  readonly entity: EntityRef;
  readonly template: string;
  readonly images: string;
  readonly replicas: number | undefined;
  readonly lastAction: string | undefined;
  readonly configMaps: ReadonlySet<string>;
}

const revisionAnnotation = 'deployment.kubernetes.io/revision';

/** Follows the workloads of one kind: what changed of a template or of the number of replicas, and by whom. */
export function followWorkloads(kind: string, report: (events: readonly ClusterEvent[]) => void, nowMs: () => number) {
  const known = new Map<string, Seen>();

  function seenOf(object: AnyWorkload): Seen {
    const template = object.spec?.template;
    return {
      entity: {
        kind: 'workload',
        namespace: object.metadata?.namespace ?? '',
        name: `${kind}/${object.metadata?.name}`,
      },
      template: JSON.stringify(template) ?? '',
      images: (template?.spec?.containers ?? []).map(({ image = '' }) => image).join(', '),
      replicas: object.spec !== undefined && 'replicas' in object.spec ? object.spec.replicas : undefined,
      lastAction: object.metadata?.annotations?.[annotations.lastAction],
      configMaps: configMapsOf(template),
    };
  }

  function take(object: AnyWorkload): ClusterEvent[] {
    const uid = object.metadata?.uid ?? '';
    const before = known.get(uid);
    const now = seenOf(object);
    known.set(uid, now);
    return before === undefined ? [] : changes(before, now, object, nowMs());
  }

  return {
    /** All there are. After a gap what changed meanwhile is told as if it had been seen. */
    listed(items: readonly AnyWorkload[]): void {
      const events = items.flatMap(take);
      const uids = new Set(items.map(({ metadata }) => metadata?.uid ?? ''));
      for (const uid of known.keys()) if (!uids.has(uid)) known.delete(uid);
      if (events.length > 0) report(events);
    },
    changed(type: string, object: AnyWorkload): void {
      if (type === 'DELETED') known.delete(object.metadata?.uid ?? '');
      else {
        const events = take(object);
        if (events.length > 0) report(events);
      }
    },
    /** Workloads whose pods read this ConfigMap. */
    usersOf: (namespace: string, configMap: string): EntityRef[] =>
      [...known.values()]
        .filter(({ entity, configMaps }) => entity.namespace === namespace && configMaps.has(configMap))
        .map(({ entity }) => entity),
  };
}

function changes(before: Seen, now: Seen, { metadata }: AnyWorkload, nowMs: number): ClusterEvent[] {
  const { entity } = now;
  const generation = metadata?.generation ?? 0;
  const name = metadata?.name ?? '';
  const own = now.lastAction !== undefined && now.lastAction !== before.lastAction;

  function changeOf(what: 'rollout' | 'scale', reason: string, message: string, field: string): ClusterEvent {
    const write = latestWrite(metadata, 'f:spec', field);
    return {
      // As from a comparison of snapshots: the same fact, told twice, is one.
      id: contentId('evt', entityKey(entity), reason, generation),
      atMs: write?.atMs ?? nowMs,
      entity,
      reason,
      type: 'Normal',
      message,
      change: { what, by: own ? `kybern ${now.lastAction}` : (write?.by ?? 'unknown') },
    };
  }

  const events: ClusterEvent[] = [];
  if (now.replicas !== before.replicas) {
    const message = `${name} scaled from ${before.replicas} to ${now.replicas} replicas`;
    events.push(changeOf('scale', 'Scaled', message, 'f:replicas'));
  }
  if (now.template !== before.template) {
    const what = now.images === before.images ? 'has a new template' : `goes from ${before.images} to ${now.images}`;
    const revision = metadata?.annotations?.[revisionAnnotation];
    const after = revision === undefined ? '' : `, after revision ${revision}`;
    events.push(changeOf('rollout', 'RolledOut', `${name} ${what} (generation ${generation}${after})`, 'f:template'));
  }
  return events;
}

function configMapsOf(template: V1PodTemplateSpec | undefined): ReadonlySet<string> {
  const { containers = [], initContainers = [], volumes = [] } = template?.spec ?? {};
  const names = [
    ...volumes.flatMap(({ configMap, projected }) => [
      configMap?.name,
      ...(projected?.sources ?? []).map((source) => source.configMap?.name),
    ]),
    ...[...containers, ...initContainers].flatMap(({ env = [], envFrom = [] }) => [
      ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
      ...envFrom.map(({ configMapRef }) => configMapRef?.name),
    ]),
  ];
  return new Set(names.filter((name) => name !== undefined));
}
