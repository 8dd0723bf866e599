import type { ClusterEvent, LogBatch, SignalBatch } from '../../model/index.ts';
import type { RejectReason, Tally } from '../intake/tally.ts';
import type { Masker } from './masker.ts';
import type { Residency } from './residency/residency.ts';

type Counted = SignalBatch & { readonly count: number };

/**
 * Takes log records and events out of a decoded batch that are not to be kept here: by the rules of `drop`, and events
 * of who is pinned to another region. They are moved from accepted to rejected. Everything else is judged by its series.
 */
export interface RecordGate {
  admit<Batch extends Counted>(batch: Batch, tally: Pick<Tally, 'accepted' | 'rejected'>, tenant: string): Batch;
}

/** Without a masker nothing is dropped. */
export function createRecordGate(masker: Masker | undefined, residency: Residency): RecordGate {
  const isRefusing = masker?.isRefusing === true;

  function refusalOfEvent(event: ClusterEvent, tenant: string): RejectReason | undefined {
    const { entity, message } = event;
    const namespace = entity.kind === 'namespace' && entity.namespace === '' ? entity.name : entity.namespace;
    if (residency(namespace, tenant)?.otherwise === 'refuse') return 'residency';
    if (!isRefusing) return undefined;
    const bytes = Buffer.from(message);
    return masker.refuses(bytes, 0, bytes.length) ? 'privacy' : undefined;
  }

  function eventsOf(events: readonly ClusterEvent[], tally: Pick<Tally, 'accepted' | 'rejected'>, tenant: string) {
    return events.filter((event) => {
      const reason = refusalOfEvent(event, tenant);
      if (reason === undefined) return true;
      tally.accepted--;
      tally.rejected[reason]++;
      return false;
    });
  }

  function rowsOf({ count, bodies }: LogBatch): number[] {
    const { offsets, bytes } = bodies;
    const rows: number[] = [];
    for (let row = 0; row < count; row++) {
      if (masker?.refuses(bytes, offsets[row], offsets[row + 1]) !== true) rows.push(row);
    }
    return rows;
  }

  return {
    admit(batch, tally, tenant) {
      if (batch.kind === 'cluster') {
        const events = eventsOf(batch.events, tally, tenant);
        return events.length === batch.events.length ? batch : { ...batch, events, count: events.length };
      }
      if (batch.kind !== 'logs' || !isRefusing) return batch;
      const rows = rowsOf(batch);
      const refused = batch.count - rows.length;
      if (refused === 0) return batch;
      tally.accepted -= refused;
      tally.rejected.privacy += refused;
      return { ...batch, ...onlyRows(batch, rows) };
    },
  };
}

function onlyRows(batch: LogBatch, rows: readonly number[]): LogBatch {
  const { offsets, bytes } = batch.bodies;
  const kept = new Uint32Array(rows.length + 1);
  const bodies = rows.map((row) => bytes.subarray(offsets[row], offsets[row + 1]));
  for (const [index, body] of bodies.entries()) kept[index + 1] = kept[index] + body.length;
  const ids = (column: Uint8Array, width: number) =>
    Buffer.concat(rows.map((row) => column.subarray(row * width, (row + 1) * width)));
  return {
    kind: 'logs',
    count: rows.length,
    series: Uint32Array.from(rows, (row) => batch.series[row]),
    timesMs: Float64Array.from(rows, (row) => batch.timesMs[row]),
    severities: Uint8Array.from(rows, (row) => batch.severities[row]),
    bodies: { offsets: kept, bytes: Buffer.concat(bodies) },
    traceIds: ids(batch.traceIds, 16),
    spanIds: ids(batch.spanIds, 8),
  };
}
