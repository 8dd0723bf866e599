import { type Clock, KybernError, type SignalBatch } from '../../model/index.ts';
import type { IngestMetrics } from '../intake/ingest-metrics.ts';
import { createTally, type Tally } from '../intake/tally.ts';
import type { Tenant } from '../intake/tenant.ts';
import { withEnds } from '../intake/with-ends.ts';
import type { RecordGate } from '../privacy/record-gate.ts';
import type { TenantBook } from '../tenants/tenant-book.ts';
import type { Admission } from './admission.ts';

/** What the doors share. */
export interface IntakeDeps {
  /** Durable once resolved; rejects with KYBERN_LOG_UNAVAILABLE. */
  readonly append: (batches: SignalBatch[]) => Promise<void>;
  readonly clock: Clock;
  readonly metrics: IngestMetrics;
  readonly admission: Admission;
  readonly tenants: TenantBook;
  /** Takes out what is not to be kept. */
  readonly gate: RecordGate;
}

export interface BodyDoor {
  readonly protocol: string;
  readonly signal: string;
  /** The plain body of a request. */
  readonly open: (body: Uint8Array) => Promise<Uint8Array> | Uint8Array;
  readonly decode: (
    body: Uint8Array,
    nowMs: number,
    tally: Tally,
    tenant: Tenant,
  ) => SignalBatch & { readonly count: number };
  /** Told of each batch that became durable. */
  readonly committed?: (batch: SignalBatch) => void;
}

/**
 * Takes one body from the wire into the log: room is taken for it, it is opened, decoded and appended; only what is
 * durable counts as accepted. Rejects with the error that the sender is to be told.
 */
export async function takeBody(deps: IntakeDeps, door: BodyDoor, body: Uint8Array, tenant: Tenant): Promise<Tally> {
  let taken = 0;
  const take = (bytes: number) => {
    deps.admission.take(bytes, taken);
    taken += bytes;
  };
  try {
    deps.tenants.check(tenant);
    take(body.length);
    const plain = await door.open(body);
    if (plain !== body) take(plain.length);
    const tally = createTally();
    const batch = door.decode(plain, deps.clock.now(), tally, tenant);
    deps.tenants.spend(tenant, tally.received);
    await appendCounted(deps, door, deps.gate.admit(batch, tally, tenant.name), tally);
    return tally;
  } finally {
    deps.admission.release(taken);
  }
}

async function appendCounted(
  deps: IntakeDeps,
  door: BodyDoor,
  batch: SignalBatch & { readonly count: number },
  tally: Tally,
): Promise<void> {
  try {
    const batches = withEnds(batch);
    if (batches.length > 0) await deps.append(batches);
    door.committed?.(batch);
  } catch (cause) {
    tally.rejected.log += tally.accepted;
    tally.accepted = 0;
    tally.late = 0;
    throw cause instanceof KybernError && cause.status === 503
      ? cause
      : new KybernError('KYBERN_LOG_UNAVAILABLE', 'what was sent could not be made durable', { cause });
  } finally {
    deps.metrics.items(door.protocol, door.signal, tally);
  }
}
