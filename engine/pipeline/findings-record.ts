import { openPortableBlock, type PortableEncoder } from '../../ingest/index.ts';
import type { Anomaly, CallObservation, ClusterBatch, SampleBatch, SignalBatch, SloStatus } from '../../model/index.ts';
import type { Finding } from './deciding.ts';

/** Everything that one record of the signals brought to light, on its way to the process that decides. */
export interface FindingsEntry {
  /** Partition and offset of the record of the signals. */
  readonly partition: number;
  readonly offset: number;
  /** When that record was received, epoch milliseconds. */
  readonly receivedMs: number;
  /** Event time that the partition has reached, epoch milliseconds. */
  readonly watermarkMs: number;
  readonly findings: readonly Finding[];
}

interface Head extends Omit<FindingsEntry, 'findings'> {
  readonly parts: readonly {
    /** How many of the block's batches, in turn, are samples received, derived series and what the cluster said. */
    readonly counts: readonly [samples: number, derived: number, cluster: number];
    readonly anomalies: readonly Anomaly[];
    readonly calls: readonly CallObservation[];
    readonly slos: readonly SloStatus[];
  }[];
}

const prefixBytes = 8;

/** One entry: length of the head, length of the block, the head as JSON, the block of its batches. */
export function encodeEntry(entry: FindingsEntry, encode: PortableEncoder): { bytes: Uint8Array; series: Uint32Array } {
  const { findings, ...own } = entry;
  const batches: SignalBatch[] = [];
  const parts = findings.map(({ samples, cluster, result: { derived, anomalies, calls, slos } }) => {
    batches.push(...samples, ...derived, ...cluster);
    return { counts: [samples.length, derived.length, cluster.length] as const, anomalies, calls, slos };
  });
  const head = Buffer.from(JSON.stringify({ ...own, parts } satisfies Head));
  const block = encode({ receivedMs: entry.receivedMs, batches });
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32LE(head.length, 0);
  prefix.writeUInt32LE(block.bytes.length, 4);
  return { bytes: new Uint8Array(Buffer.concat([prefix, head, block.bytes])), series: block.series };
}

export interface OpenedEntry extends Omit<FindingsEntry, 'findings'> {
  /** The fingerprints of its series, two words each. */
  readonly table: Uint32Array;
  findings(ids: Uint32Array): Finding[];
}

/** A record of the findings topic: entries end to end, in order. Throws for what it can't read. */
export function openEntries(bytes: Uint8Array): OpenedEntry[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: OpenedEntry[] = [];
  for (let at = 0; at < view.length; ) {
    const blockAt = at + prefixBytes + view.readUInt32LE(at);
    const end = blockAt + view.readUInt32LE(at + 4);
    const { parts, ...own } = JSON.parse(view.toString('utf8', at + prefixBytes, blockAt)) as Head;
    // A copy, so that the columns are aligned and can be viewed.
    const block = openPortableBlock(bytes.slice(blockAt, end));
    entries.push({ ...own, table: block.table, findings: (ids) => findingsOf(parts, block.batches(ids)) });
    at = end;
  }
  return entries;
}

function findingsOf(parts: Head['parts'], batches: readonly SignalBatch[]): Finding[] {
  let at = 0;
  const take = (count: number) => {
    at += count;
    return batches.slice(at - count, at);
  };
  return parts.map(({ counts: [samples, derived, cluster], anomalies, calls, slos }) => ({
    samples: take(samples) as SampleBatch[],
    result: { derived: take(derived) as SampleBatch[], anomalies, calls, slos },
    cluster: take(cluster) as ClusterBatch[],
  }));
}
