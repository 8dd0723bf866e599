import type { LogBatch, SeriesCatalog } from '../../model/index.ts';

export interface TestLine {
  readonly pod: string;
  /** The service that the pod is of, where it says so. */
  readonly app?: string;
  readonly timeMs: number;
  readonly severity: number;
  readonly body: string;
}

/** Log lines as a batch, streams by pod. */
export function logBatch(catalog: SeriesCatalog, lines: readonly TestLine[]): LogBatch {
  const encoder = new TextEncoder();
  const bodies = lines.map(({ body }) => encoder.encode(body));
  const offsets = new Uint32Array(lines.length + 1);
  for (const [row, body] of bodies.entries()) offsets[row + 1] = offsets[row]! + body.length;
  const bytes = new Uint8Array(offsets[lines.length]!);
  for (const [row, body] of bodies.entries()) bytes.set(body, offsets[row]);
  const streams = new Map<string, number>();
  const stream = ({ pod, app }: TestLine): number => {
    let id = streams.get(pod);
    if (id === undefined) {
      const labels = [
        ['k8s.namespace.name', 'shop'],
        ['k8s.pod.name', pod],
        ...(app === undefined ? [] : [['service.name', app] as const]),
        ['telemetry.sdk.name', 'opentelemetry'],
      ] as const;
      id = catalog.intern({ name: 'log', labels, kind: 'logs', unit: '', origin: 'received' });
      streams.set(pod, id);
    }
    return id;
  };
  return {
    kind: 'logs',
    count: lines.length,
    series: Uint32Array.from(lines, stream),
    timesMs: Float64Array.from(lines, ({ timeMs }) => timeMs),
    severities: Uint8Array.from(lines, ({ severity }) => severity),
    bodies: { offsets, bytes },
    traceIds: new Uint8Array(lines.length * 16),
    spanIds: new Uint8Array(lines.length * 8),
  };
}
