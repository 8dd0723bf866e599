import { type ClusterEvent, contentId, type EntityRef, entityKey } from '../../model/index.ts';
import { latestWrite } from './field-managers.ts';
import type { Listed } from './watch-resource.ts';

/**
 * Follows ConfigMaps by their metadata alone: a write to the data of one that workloads read is a change of their
 * configuration. What nobody reads, such as the locks of leader elections, is passed over.
 */
export function followConfigMaps(
  usersOf: (namespace: string, configMap: string) => readonly EntityRef[],
  report: (events: readonly ClusterEvent[]) => void,
) {
  const known = new Map<string, number>();

  function take({ metadata }: Listed): ClusterEvent[] {
    const { uid = '', namespace = '', name = '', resourceVersion = '' } = metadata ?? {};
    const write = latestWrite(metadata, 'f:data') ?? latestWrite(metadata, 'f:binaryData');
    const before = known.get(uid);
    if (write === undefined) return [];
    known.set(uid, write.atMs);
    if (before === undefined || write.atMs <= before) return [];
    return usersOf(namespace, name).map((entity) => ({
      id: contentId('evt', entityKey(entity), 'ConfigChanged', name, resourceVersion),
      atMs: write.atMs,
      entity,
      reason: 'ConfigChanged',
      type: 'Normal',
      message: `ConfigMap ${name} has new data`,
      change: { what: 'config', by: write.by },
    }));
  }

  function tell(events: readonly ClusterEvent[]): void {
    if (events.length > 0) report(events);
  }

  return {
    listed: (items: readonly Listed[]): void => tell(items.flatMap(take)),
    changed(type: string, object: Listed): void {
      if (type === 'DELETED') known.delete(object.metadata?.uid ?? '');
      else tell(take(object));
    },
  };
}
