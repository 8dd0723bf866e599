import type { Metrics } from '../../model/index.ts';
import { dropReasons, rejectReasons, type Tally } from './tally.ts';

/** Counts what came in, with the identity received = accepted + rejected + dropped per protocol and signal. */
export interface IngestMetrics {
  /** Items of a request that was decoded; one that was not has no items that could be told. */
  items(protocol: string, signal: string, tally: Tally): void;
  /** A request, by the code of its answer, with its size as sent. */
  request(protocol: string, signal: string, status: number, bytes: number): void;
}

export function createIngestMetrics(metrics: Metrics): IngestMetrics {
  const labels = ['protocol', 'signal'];
  const received = metrics.counter('kybern_ingest_items_received_total', 'Data points, records and spans.', labels);
  const accepted = metrics.counter('kybern_ingest_items_accepted_total', 'Items that are durable in the log.', labels);
  const rejected = metrics.counter('kybern_ingest_items_rejected_total', 'Items refused; the sender was told.', [
    ...labels,
    'reason',
  ]);
  const dropped = metrics.counter('kybern_ingest_items_dropped_total', 'Items without a finite value.', [
    ...labels,
    'reason',
  ]);
  const late = metrics.counter('kybern_ingest_items_late_total', 'Items accepted out of order.', labels);
  const truncated = metrics.counter('kybern_ingest_log_bodies_truncated_total', 'Log bodies cut to the limit.', labels);
  const exemplars = metrics.counter('kybern_ingest_exemplars_total', 'Exemplars by what became of them.', [
    ...labels,
    'outcome',
  ]);
  const requests = metrics.counter('kybern_ingest_requests_total', 'Requests by the status of their answer.', [
    ...labels,
    'status',
  ]);
  const bytes = metrics.counter('kybern_ingest_bytes_total', 'Bytes of bodies as sent.', labels);

  return {
    items(protocol, signal, tally) {
      const at = { protocol, signal };
      received.add(tally.received, at);
      accepted.add(tally.accepted, at);
      for (const reason of rejectReasons) {
        if (tally.rejected[reason] > 0) rejected.add(tally.rejected[reason], { ...at, reason });
      }
      for (const reason of dropReasons) {
        if (tally.dropped[reason] > 0) dropped.add(tally.dropped[reason], { ...at, reason });
      }
      if (tally.late > 0) late.add(tally.late, at);
      for (const outcome of ['taken', 'rejected'] as const) {
        if (tally.exemplars[outcome] > 0) exemplars.add(tally.exemplars[outcome], { ...at, outcome });
      }
      if (tally.truncated > 0) truncated.add(tally.truncated, at);
    },
    request(protocol, signal, status, size) {
      requests.add(1, { protocol, signal, status: String(status) });
      bytes.add(size, { protocol, signal });
    },
  };
}
