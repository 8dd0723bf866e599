import { compressSync } from 'snappy';
import { createRandom } from '../../model/index.ts';
import { rawWriteRequest, sixByteVarint } from './raw-write-request.ts';

/** Bodies of remote-write 1.0 as a Prometheus that scrapes kubelets sends them. */
export interface WriteBodies {
  /** Bodies that make one round: each holds its own series, one sample of each. */
  readonly groups: number;
  readonly samplesPerBody: number;
  /** The compressed body of a group in a round; rounds must be asked for in ascending order. */
  body(group: number, round: number): Buffer;
  /** Bytes of one body before compression. */
  readonly rawBytes: number;
}

const metrics = [
  ['container_memory_working_set_bytes', 2e8, 'gauge'],
  ['container_cpu_usage_seconds_total', 0.4, 'counter'],
  ['container_network_receive_bytes_total', 9e4, 'counter'],
  ['container_threads', 20, 'gauge'],
] as const;

/** `samplesPerBody` series a body, `series` in all; a round is `stepMs` after the one before. Seeded. */
export function createWriteBodies(options: {
  readonly series: number;
  readonly samplesPerBody: number;
  readonly startMs: number;
  readonly stepMs: number;
  readonly seed?: number;
  /** Groups are spread over the step. */
  readonly live?: boolean;
}): WriteBodies {
  const { series, samplesPerBody, startMs, stepMs } = options;
  const random = createRandom(options.seed ?? 1);
  const groups = Math.ceil(series / samplesPerBody);
  const values = new Float64Array(groups * samplesPerBody);
  const rawBodies = Array.from({ length: groups }, (_, group) =>
    rawWriteRequest(Array.from({ length: samplesPerBody }, (_, row) => labelsOf(group * samplesPerBody + row))),
  );

  function next(row: number): number {
    const [, scale, kind] = metrics[row % metrics.length]!;
    const noise = random() + random() + random() - 1.5;
    if (kind === 'counter') values[row] = Math.round((values[row]! + scale * (15 + 2 * noise)) * 100) / 100;
    else values[row] = Math.round(scale * (1 + 0.05 * noise));
    return values[row]!;
  }

  return {
    groups,
    samplesPerBody,
    rawBytes: rawBodies[0]!.bytes.length,
    body(group, round) {
      const { bytes, places } = rawBodies[group]!;
      const spreadMs = options.live ? Math.round((group * stepMs) / groups) : 0;
      const time = sixByteVarint(startMs + round * stepMs + spreadMs);
      for (const [row, place] of places.entries()) {
        bytes.writeDoubleLE(next(group * samplesPerBody + row), place);
        time.copy(bytes, place + 9);
      }
      return compressSync(bytes);
    },
  };
}

function labelsOf(index: number): readonly (readonly [string, string])[] {
  const pod = `shop-${Math.floor(index / 40)}-7d9f8b6c5d-x${(index >> 2) % 10}k2p`;
  return [
    ['__name__', metrics[index % metrics.length]![0]],
    ['container', 'app'],
    ['endpoint', 'https-metrics'],
    ['instance', `10.0.${(index >> 8) % 250}.17:10250`],
    ['job', 'kubelet'],
    ['metrics_path', '/metrics/cadvisor'],
    ['namespace', `team-${(index >> 6) % 20}`],
    ['node', `worker-${(index >> 8) % 40}`],
    ['pod', pod],
    ['service', `kubelet-${index >> 2}`],
  ];
}
