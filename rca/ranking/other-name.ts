import { type SignalKind, signalKindOf } from '../../model/index.ts';
import type { ComponentEvidence, SignalChange } from '../evidence/component-evidence.ts';
import type { Components } from '../graph/components.ts';
import { causesOf } from '../graph/reach.ts';

/** Looks a component up, in or around what can reach the symptom. Undefined where nothing is known of it. */
export type LookUp = (key: string) => ComponentEvidence | undefined;

/**
 * Services that a bare address (a load balancer, a DNS name, a proxy) may be another name of, with how far each makes up
 * for what it shows, 0 to 1. Nothing links the two in a graph of what each side calls the other; but where one call has
 * two names, both are called by the same, deviate in the same signal at the same time, and the service's excess over all
 * its requests covers that of the address. An address that fails by itself leaves its caller's other callees alone, and
 * one that the service depends on is no name of it.
 */
export function otherNamesOf(
  of: ComponentEvidence,
  lookUp: LookUp,
  components: Components,
  slackMs: number,
  signal: 'latency' | 'errors',
): ReadonlyMap<string, number> {
  const names = new Map<string, number>();
  const own = changeOf(of, signal);
  if (own === undefined || !isBareAddress(of)) return names;
  for (const caller of of.component.callers) {
    for (const callee of components.byKey.get(caller)?.callees ?? []) {
      if (callee === of.component.key || names.has(callee)) continue;
      const other = lookUp(callee);
      if (other === undefined || isBareAddress(other)) continue;
      const change = changeOf(other, signal);
      if (change === undefined || Math.abs(change.score.onsetMs - own.score.onsetMs) > slackMs) continue;
      if (causesOf(components, callee, Number.POSITIVE_INFINITY).has(of.component.key)) continue;
      names.set(callee, Math.min(1, volumeShare(of, other, own)));
    }
  }
  return names;
}

const resources: readonly SignalKind[] = ['cpu', 'memory'];

/** Known from its callers alone: it calls nothing, has no workload and no resource metrics. */
function isBareAddress({ component, known }: ComponentEvidence): boolean {
  return (
    component.entity.kind === 'service' &&
    component.causes.length === 0 &&
    component.members.length === 1 &&
    !resources.some((signal) => known.has(signal))
  );
}

const changeOf = (of: ComponentEvidence, signal: 'latency' | 'errors'): SignalChange | undefined =>
  of.changes.get(signal) ?? (signal === 'errors' ? of.changes.get('readiness') : undefined);

/** A metric of the address tells of its trouble where it moved at least this much of the most that one of its kind did. */
const tellingShare = 0.5;

/**
 * The other's excess times its requests, as a share of the address's own: in the metric where it is largest, of those
 * that tell. Where few of the service's requests are concerned, its median stays put and its 99th percentile does not.
 */
function volumeShare(of: ComponentEvidence, other: ComponentEvidence, { series }: SignalChange): number {
  const own = [...of.levels.excess].filter(([name]) => name === series.name || signalKindOf(name) === series.signal);
  const telling = tellingShare * Math.max(0, ...own.map(([, excess]) => excess));
  const shares = own
    .filter(([, excess]) => excess > 0 && excess >= telling)
    .map(([name, excess]) => (other.levels.excess.get(name) ?? 0) / excess);
  const traffic = [...of.levels.traffic.keys()].find((metric) => (other.levels.traffic.get(metric) ?? 0) > 0);
  const requests =
    traffic === undefined ? 1 : other.levels.traffic.get(traffic)! / Math.max(1e-9, of.levels.traffic.get(traffic)!);
  return Math.max(0, ...shares) * requests;
}
