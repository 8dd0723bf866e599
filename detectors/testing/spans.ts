import type { SeriesCatalog, SpanBatch } from '../../model/index.ts';

export interface TestSpan {
  readonly service: string;
  readonly name: string;
  /** 0: none. */
  readonly id: number;
  readonly parent: number;
  readonly startMs: number;
  readonly durationMs: number;
  /** OTLP span kind: 1 internal, 2 server, 3 client, 5 consumer. */
  readonly kind: number;
  readonly error?: boolean;
  readonly peer?: string;
}

/** Spans as a batch; span ids are numbers here. */
export function spanBatch(catalog: SeriesCatalog, spans: readonly TestSpan[]): SpanBatch {
  const batch: SpanBatch = {
    kind: 'spans',
    count: spans.length,
    series: new Uint32Array(spans.length),
    startsMs: new Float64Array(spans.length),
    durationsMs: new Float64Array(spans.length),
    traceIds: new Uint8Array(spans.length * 16),
    spanIds: new Uint8Array(spans.length * 8),
    parentIds: new Uint8Array(spans.length * 8),
    statuses: new Uint8Array(spans.length),
    kinds: new Uint8Array(spans.length),
  };
  for (const [row, span] of spans.entries()) {
    const labels: [string, string][] = [
      ['k8s.namespace.name', 'shop'],
      ['k8s.pod.name', `${span.service}-1`],
    ];
    if (span.peer !== undefined) labels.push(['peer.service', span.peer]);
    labels.push(['service.name', span.service]);
    batch.series[row] = catalog.intern({ name: span.name, labels, kind: 'spans', unit: '', origin: 'received' });
    batch.startsMs[row] = span.startMs;
    batch.durationsMs[row] = span.durationMs;
    new DataView(batch.spanIds.buffer).setUint32(row * 8 + 4, span.id);
    new DataView(batch.parentIds.buffer).setUint32(row * 8 + 4, span.parent);
    batch.statuses[row] = span.error === true ? 2 : 0;
    batch.kinds[row] = span.kind;
  }
  return batch;
}
