import {
  type ClusterBatch,
  type ClusterEvent,
  type ClusterSnapshot,
  contentId,
  describeBadCondition,
  type EntityRef,
  entityKey,
  workloadEntity,
} from '../../model/index.ts';

export const factKinds = [
  'oom-killed',
  'crash-loop',
  'image-pull',
  'evicted',
  'unschedulable',
  'restart',
  'not-ready',
  'unhealthy',
  'node-not-ready',
  'node-pressure',
  'rollout',
  'config-change',
  'scale',
] as const;
export type FactKind = (typeof factKinds)[number];

/** A state or a change that the cluster told: true by itself, unlike a deviation. */
export interface Fact {
  readonly id: string;
  readonly kind: FactKind;
  readonly entity: string;
  readonly atMs: number;
  readonly text: string;
  /** Who made the change, for rollout, config-change and scale. */
  readonly by?: string;
  /** Last time it was seen to hold. */
  lastMs: number;
  /** When it was seen to be over. */
  endedAtMs?: number;
}

/** Changes people or machines made: suspects, not troubles. */
export function isChange(fact: Fact): boolean {
  return fact.kind === 'rollout' || fact.kind === 'config-change' || fact.kind === 'scale';
}

/** Facts for the worse that are a symptom by themselves. */
export const symptomFacts: ReadonlySet<FactKind> = new Set([
  'oom-killed',
  'crash-loop',
  'image-pull',
  'evicted',
  'node-not-ready',
]);

const byReason: readonly (readonly [RegExp, FactKind])[] = [
  [/^(OOMKilled|OOMKilling|SystemOOM|ContainerOOMKilled)$/, 'oom-killed'],
  [/^(BackOff|CrashLoopBackOff)$/, 'crash-loop'],
  [/^(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull)$/, 'image-pull'],
  [/^(Evicted|Preempted|TaintManagerEviction)$/, 'evicted'],
  [/^FailedScheduling$/, 'unschedulable'],
  [/^(NodeNotReady|NodeLost|KubeletDown)$/, 'node-not-ready'],
  [/Pressure$|^Node(HasDisk|HasMemory|HasPID|HasInsufficient)/, 'node-pressure'],
  [/^Unhealthy$/, 'unhealthy'],
  [/^(Restarted|ContainerRestarted|ContainerDied)$/, 'restart'],
];

export function factKindOf(event: ClusterEvent): FactKind | undefined {
  // What was pushed from outside may call itself anything: it tells changes, and no state of the cluster.
  if (event.origin !== undefined && event.change === undefined) return undefined;
  if (event.change !== undefined) return event.change.what === 'config' ? 'config-change' : event.change.what;
  if (/NoDiskPressure|NoMemoryPressure|NoPIDPressure|Sufficient(Disk|Memory|PID)/.test(event.reason)) return undefined;
  const kind = byReason.find(([pattern]) => pattern.test(event.reason))?.[1];
  // BackOff is also what the kubelet says of an image it cannot pull; Failed says which in its message only.
  if (kind === 'crash-loop' && /image/i.test(event.message)) return 'image-pull';
  if (kind === undefined && event.reason === 'Failed' && /pull|image/i.test(event.message)) return 'image-pull';
  return kind;
}

/** Facts by id, and what the latest snapshot said, to see what changed. Plain data. */
export interface Facts {
  readonly byId: Map<string, Fact>;
  readonly restarts: Map<string, number>;
  snapshotAtMs: number;
}

export function createFacts(): Facts {
  return { byId: new Map(), restarts: new Map(), snapshotAtMs: Number.NEGATIVE_INFINITY };
}

/** Two tellings of one thing (an event, and the state in a snapshot) lie this close together. */
const sameWithinMs = 60_000;

function note(
  facts: Facts,
  kind: FactKind,
  entity: string,
  atMs: number,
  text: string,
  more: Partial<Fact> = {},
): Fact {
  for (const fact of facts.byId.values()) {
    if (fact.kind !== kind || fact.entity !== entity || fact.by !== more.by) continue;
    if (fact.endedAtMs !== undefined && atMs > fact.endedAtMs + 1000) continue;
    if (atMs - fact.lastMs > sameWithinMs && fact.endedAtMs !== undefined) continue;
    if (atMs < fact.atMs - sameWithinMs) continue;
    // A state goes on; a change is made at one moment, and the next one is another.
    if (isChange(fact) && atMs - fact.atMs > sameWithinMs) continue;
    fact.lastMs = Math.max(fact.lastMs, atMs);
    return fact;
  }
  const id = more.id ?? contentId('fact', kind, entity, atMs);
  const fact: Fact = { kind, entity, atMs, text, lastMs: atMs, ...more, id };
  facts.byId.set(id, fact);
  return fact;
}

export function observeCluster(facts: Facts, batch: ClusterBatch): void {
  for (const event of batch.events) {
    const kind = factKindOf(event);
    if (kind === undefined || facts.byId.has(event.id)) continue;
    const text = event.message === '' ? event.reason : `${event.reason}: ${event.message}`;
    const by = event.change?.by;
    note(facts, kind, entityKey(event.entity), event.atMs, text, { id: event.id, ...(by === undefined ? {} : { by }) });
  }
  if (batch.snapshot !== undefined) observeStates(facts, batch.snapshot);
}

function observeStates(facts: Facts, snapshot: ClusterSnapshot): void {
  const first = facts.snapshotAtMs === Number.NEGATIVE_INFINITY;
  const holding = new Set<Fact>();
  const hold = (kind: FactKind, entity: EntityRef, atMs: number, text: string) =>
    holding.add(note(facts, kind, entityKey(entity), atMs, text));
  for (const node of snapshot.nodes) {
    const entity: EntityRef = { kind: 'node', namespace: '', name: node.name };
    if (!node.ready) hold('node-not-ready', entity, snapshot.atMs, 'node condition Ready is not True');
    for (const pressure of node.pressures)
      hold('node-pressure', entity, snapshot.atMs, `node condition ${describeBadCondition(pressure)}`);
  }
  for (const pod of snapshot.pods) {
    const entity: EntityRef = { kind: 'pod', namespace: pod.namespace, name: pod.name };
    const key = entityKey(entity);
    for (const container of pod.containers) {
      const before = facts.restarts.get(`${key}/${container.name}`);
      facts.restarts.set(`${key}/${container.name}`, container.restarts);
      const waiting = container.waitingReason ?? '';
      if (waiting === 'CrashLoopBackOff')
        hold('crash-loop', entity, snapshot.atMs, `container ${container.name} waits in ${waiting}`);
      if (/Image/.test(waiting))
        hold('image-pull', entity, snapshot.atMs, `container ${container.name} waits in ${waiting}`);
      const again = before === undefined ? !first && container.restarts > 0 : container.restarts > before;
      if (!again) continue;
      const at = container.lastTerminatedAtMs ?? snapshot.atMs;
      const reason = container.lastTerminationReason ?? 'unknown reason';
      note(
        facts,
        'restart',
        key,
        at,
        `container ${container.name} restarted (${container.restarts} in all), last ended by ${reason}`,
      );
      if (reason === 'OOMKilled') note(facts, 'oom-killed', key, at, `container ${container.name} was OOMKilled`);
    }
    const settled = snapshot.atMs - pod.startedAtMs > 60_000;
    if (pod.phase === 'Running' && !pod.ready && settled)
      hold('not-ready', entity, snapshot.atMs, 'pod runs but is not ready');
  }
  for (const workload of snapshot.workloads) {
    if (workload.replicas === 0 || workload.readyReplicas > 0) continue;
    hold('not-ready', workloadEntity(workload.ref), snapshot.atMs, `0 of ${workload.replicas} replicas are ready`);
  }
  endWhatIsOver(facts, snapshot, holding);
  facts.snapshotAtMs = snapshot.atMs;
}

const states: ReadonlySet<FactKind> = new Set([
  'crash-loop',
  'image-pull',
  'not-ready',
  'node-not-ready',
  'node-pressure',
]);

/** A state ends when a snapshot no longer shows it; one told by an event gets the time it takes a snapshot to catch up. */
function endWhatIsOver(facts: Facts, snapshot: ClusterSnapshot, holding: ReadonlySet<Fact>): void {
  const ready = new Set(snapshot.pods.filter((pod) => pod.ready).map((pod) => `pod|${pod.namespace}|${pod.name}`));
  const present = new Set(snapshot.pods.map((pod) => `pod|${pod.namespace}|${pod.name}`));
  for (const fact of facts.byId.values()) {
    if (fact.endedAtMs !== undefined || fact.atMs > snapshot.atMs || holding.has(fact)) continue;
    const isPod = fact.entity.startsWith('pod|');
    if (isPod && !present.has(fact.entity)) fact.endedAtMs = snapshot.atMs;
    else if (states.has(fact.kind) && (isPod ? ready.has(fact.entity) : snapshot.atMs - fact.lastMs > 5_000))
      fact.endedAtMs = snapshot.atMs;
  }
}

export function forgetFacts(facts: Facts, beforeMs: number): void {
  for (const [id, fact] of facts.byId) if (fact.lastMs < beforeMs) facts.byId.delete(id);
}
