import type { V2HorizontalPodAutoscaler } from '@kubernetes/client-node';
import { type ClusterEvent, contentId, type EntityRef, entityKey } from '../../model/index.ts';
import { latestWrite } from './field-managers.ts';

interface Seen {
  readonly bounds: string;
  readonly atMaximum: boolean;
}

/**
 * Follows horizontal autoscalers: one that would go beyond its maximum is a Warning on its target, and so new trouble for
 * which nobody in the cluster has a remedy; changed bounds are a change of configuration.
 */
export function followScalers(report: (events: readonly ClusterEvent[]) => void, nowMs: () => number) {
  const known = new Map<string, Seen>();

  function take(scaler: V2HorizontalPodAutoscaler): ClusterEvent[] {
    const uid = scaler.metadata?.uid ?? '';
    const before = known.get(uid);
    const { spec, status, metadata } = scaler;
    const now = { bounds: `${spec?.minReplicas ?? 1} to ${spec?.maxReplicas}`, atMaximum: isAtMaximum(scaler) };
    known.set(uid, now);
    const entity: EntityRef = {
      kind: 'workload',
      namespace: metadata?.namespace ?? '',
      name: `${spec?.scaleTargetRef.kind}/${spec?.scaleTargetRef.name}`,
    };
    const name = `HorizontalPodAutoscaler ${metadata?.name ?? ''}`;
    const events: ClusterEvent[] = [];
    if (now.atMaximum && before?.atMaximum !== true) {
      const since = status?.conditions?.find(({ type }) => type === 'ScalingLimited')?.lastTransitionTime;
      const atMs = since === undefined ? nowMs() : new Date(since).getTime();
      events.push({
        id: contentId('evt', entityKey(entity), 'ScalerAtMaximum', atMs),
        atMs,
        entity,
        reason: 'ScalerAtMaximum',
        type: 'Warning',
        message: `${name} holds at its maximum of ${spec?.maxReplicas} replicas and wants more`,
      });
    }
    if (before !== undefined && now.bounds !== before.bounds) {
      const write = latestWrite(metadata, 'f:spec');
      events.push({
        id: contentId('evt', entityKey(entity), 'ScalerChanged', metadata?.resourceVersion ?? now.bounds),
        atMs: write?.atMs ?? nowMs(),
        entity,
        reason: 'ScalerChanged',
        type: 'Normal',
        message: `${name} goes from ${before.bounds} replicas to ${now.bounds}`,
        change: { what: 'config', by: write?.by ?? 'unknown' },
      });
    }
    return events;
  }

  function tell(events: readonly ClusterEvent[]): void {
    if (events.length > 0) report(events);
  }

  return {
    listed(items: readonly V2HorizontalPodAutoscaler[]): void {
      tell(items.flatMap(take));
    },
    changed(type: string, scaler: V2HorizontalPodAutoscaler): void {
      if (type === 'DELETED') known.delete(scaler.metadata?.uid ?? '');
      else tell(take(scaler));
    },
  };
}

/** The controller says that it would have more replicas than it may. */
function isAtMaximum({ spec, status }: V2HorizontalPodAutoscaler): boolean {
  const limited = status?.conditions?.find(({ type }) => type === 'ScalingLimited');
  return (
    limited?.status === 'True' && limited.reason === 'TooManyReplicas' && status?.desiredReplicas === spec?.maxReplicas
  );
}
