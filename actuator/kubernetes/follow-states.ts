import type { V1Node, V1Pod } from '@kubernetes/client-node';
import { convertNode, convertPod } from './convert-objects.ts';
import type { Listed } from './watch-resource.ts';

/**
 * Follows pods or nodes for what only a look at the whole explains: `touched` is called when one's mark changes, and not
 * for the many updates that change nothing of interest.
 */
export function followStates<T extends Listed>(markOf: (object: T) => string, touched: () => void) {
  const known = new Map<string, string>();

  function take(object: T): boolean {
    const uid = object.metadata?.uid ?? '';
    const before = known.get(uid);
    const mark = markOf(object);
    known.set(uid, mark);
    return before !== undefined && before !== mark;
  }

  return {
    listed(items: readonly T[]): void {
      const changed = items.filter(take);
      const uids = new Set(items.map(({ metadata }) => metadata?.uid ?? ''));
      for (const uid of known.keys()) if (!uids.has(uid)) known.delete(uid);
      if (changed.length > 0) touched();
    },
    changed(type: string, object: T): void {
      if (type === 'DELETED') known.delete(object.metadata?.uid ?? '');
      else if (take(object)) touched();
    },
  };
}

/** Restarts and reasons to wait: not readiness or phase, which every rollout changes. */
export function markOfPod(pod: V1Pod): string {
  return convertPod(pod)
    .containers.map(
      ({ restarts, waitingReason = '' }) =>
        `${restarts}${/BackOff|^Err|Error$/.test(waitingReason) ? waitingReason : ''}`,
    )
    .join();
}

export function markOfNode(node: V1Node): string {
  const { ready, pressures } = convertNode(node);
  return `${ready} ${pressures.join()}`;
}
