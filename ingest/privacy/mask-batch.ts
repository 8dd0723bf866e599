import type { ClusterBatch, ClusterEvent, ClusterSnapshot, LogBatch, SignalBatch } from '../../model/index.ts';
import type { Masker } from './masker.ts';

/** The batch with log bodies and texts of events masked: the same object where there was nothing to mask. */
export function maskBatch(batch: SignalBatch, masker: Masker): SignalBatch {
  if (batch.kind === 'logs') return maskLogs(batch, masker);
  return batch.kind === 'cluster' ? maskEvents(batch, masker) : batch;
}

function maskLogs(batch: LogBatch, masker: Masker): LogBatch {
  const { offsets, bytes } = batch.bodies;
  let changed: Map<number, Uint8Array> | undefined;
  for (let row = 0; row < batch.count; row++) {
    const masked = masker.bytes(bytes, offsets[row], offsets[row + 1]);
    if (masked === undefined) continue;
    changed ??= new Map();
    changed.set(row, masked);
  }
  return changed === undefined ? batch : { ...batch, bodies: withChanged(batch, changed) };
}

/** What lies between two changed bodies is copied in one piece. */
function withChanged({ count, bodies }: LogBatch, changed: ReadonlyMap<number, Uint8Array>): LogBatch['bodies'] {
  const { offsets, bytes } = bodies;
  const moved = offsets.slice(0, count + 1);
  const parts: Uint8Array[] = [];
  let growth = 0;
  let from = offsets[0];
  let next = 0;
  const shift = (last: number) => {
    for (; next <= last; next++) moved[next] += growth;
  };
  for (const [row, body] of changed) {
    shift(row);
    parts.push(bytes.subarray(from, offsets[row]), body);
    growth += body.length - (offsets[row + 1] - offsets[row]);
    from = offsets[row + 1];
  }
  shift(count);
  parts.push(bytes.subarray(from, offsets[count]));
  const start = moved[0];
  return { offsets: start === 0 ? moved : moved.map((offset) => offset - start), bytes: Buffer.concat(parts) };
}

function maskEvents(batch: ClusterBatch, masker: Masker): ClusterBatch {
  const events = batch.events.map((event) => maskEvent(event, masker));
  const snapshot = batch.snapshot && maskSnapshot(batch.snapshot, masker);
  const isUnchanged = snapshot === batch.snapshot && events.every((event, index) => event === batch.events[index]);
  if (isUnchanged) return batch;
  return { ...batch, events, ...(snapshot === undefined ? {} : { snapshot }) };
}

/** kubectl keeps the whole object here, with the values of its environment, and nothing in Kybern reads it. */
const wholeObject = 'kubectl.kubernetes.io/last-applied-configuration';

/** The annotations of workloads: whatever deploys them writes what it likes there. */
function maskSnapshot(snapshot: ClusterSnapshot, { label }: Masker): ClusterSnapshot {
  let isChanged = false;
  const workloads = snapshot.workloads.map((workload) => {
    const given = Object.entries(workload.annotations);
    const masked = given
      .filter(([name]) => name !== wholeObject)
      .map(([name, value]) => [name, label(name, value)] as const);
    if (masked.length === given.length && masked.every(([, value], index) => value === given[index][1]))
      return workload;
    isChanged = true;
    return { ...workload, annotations: Object.fromEntries(masked) };
  });
  return isChanged ? { ...snapshot, workloads } : snapshot;
}

/** All its texts; what it is about keeps its name where it was read from the cluster. */
export function maskEvent(event: ClusterEvent, { text }: Masker): ClusterEvent {
  const { entity, change, alert } = event;
  const masked: ClusterEvent = {
    ...event,
    reason: text(event.reason),
    message: text(event.message),
    ...(event.origin === undefined ? {} : { entity: { ...entity, name: text(entity.name) } }),
    ...(change === undefined ? {} : { change: { ...change, by: text(change.by) } }),
    ...(alert === undefined ? {} : { alert: maskAlert(alert, text) }),
  };
  return isSame(event, masked) ? event : masked;
}

function maskAlert(alert: NonNullable<ClusterEvent['alert']>, text: Masker['text']): typeof alert {
  const { generatorUrl } = alert;
  return {
    ...alert,
    name: text(alert.name),
    severity: text(alert.severity),
    fingerprint: text(alert.fingerprint),
    ...(generatorUrl === undefined ? {} : { generatorUrl: text(generatorUrl) }),
  };
}

function isSame(a: ClusterEvent, b: ClusterEvent): boolean {
  return (
    a.reason === b.reason &&
    a.message === b.message &&
    a.entity.name === b.entity.name &&
    a.change?.by === b.change?.by &&
    a.alert?.name === b.alert?.name &&
    a.alert?.severity === b.alert?.severity &&
    a.alert?.fingerprint === b.alert?.fingerprint &&
    a.alert?.generatorUrl === b.alert?.generatorUrl
  );
}
