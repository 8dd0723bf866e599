import Fastify from 'fastify';
import { KybernError, type SampleBatch, type SignalBatch } from '../../model/index.ts';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import type { IngestConfig, IngestLimits } from '../config.ts';
import { createPrivacy } from '../privacy/create-privacy.ts';
import { createReceivers } from '../receivers/create-receivers.ts';
import { createCountedMetrics } from './counted-metrics.ts';
import { ingestConfig } from './ingest-config.ts';
import { createMemoryTopic } from './memory-topic.ts';

/** Now, for everything behind the doors of a test. */
export const nowMs = Date.UTC(2026, 10, 25, 12);

/** The receivers on a Fastify instance, with a log that remembers. */
export async function openDoors(limits: Partial<IngestLimits> = {}, more: Partial<IngestConfig> = {}) {
  const config = { ...ingestConfig(limits), ...more };
  /** What this process seems to hold; a test sets it. */
  const resident = { bytes: 0 };
  const memory = { residentBytes: () => resident.bytes, availableBytes: 0 };
  const metrics = createCountedMetrics();
  const catalog = createSeriesCatalog(createMemoryTopic(), config.limits);
  const appended: SignalBatch[] = [];
  const privacy = createPrivacy({ config, metrics });
  const log = { broken: false, hold: Promise.resolve() };
  const append = async (batches: SignalBatch[]) => {
    await log.hold;
    if (log.broken) throw new KybernError('KYBERN_LOG_UNAVAILABLE', 'broken for a test');
    appended.push(...batches.map(privacy.batch));
  };
  const app = Fastify();
  const clock = { now: () => nowMs, sleep: () => new Promise<boolean>(() => {}) };
  const { http, grpc } = createReceivers({
    catalog: privacy.catalog(catalog),
    append,
    metrics,
    config,
    clock,
    memory,
    random: () => 0.5,
  });
  await app.register(http);

  /** Samples that reached the log as `name{label="value"} value @time`. */
  function samples(): string[] {
    return appended.flatMap((batch) => (batch.kind === 'samples' ? sampleTexts(batch) : []));
  }

  function sampleTexts(batch: SampleBatch): string[] {
    return Array.from({ length: batch.count }, (_, row) => {
      const { name, labels } = catalog.get(batch.series[row]);
      const inside = labels.map(([label, value]) => `${label}="${value}"`).join(',');
      return `${name}{${inside}} ${batch.values[row]} @${batch.timesMs[row] - nowMs}`;
    });
  }

  /** received - accepted - rejected - dropped: zero, whatever came. */
  function unaccounted(): number {
    const total = (what: string) => metrics.total(`kybern_ingest_items_${what}_total`);
    return total('received') - total('accepted') - total('rejected') - total('dropped');
  }

  async function post(url: string, payload: Uint8Array | string, headers: Record<string, string>) {
    return await app.inject({ method: 'POST', url, payload: Buffer.from(payload), headers });
  }

  return { app, grpc, resident, catalog, metrics, appended, log, samples, unaccounted, post };
}

export const protobufType = { 'content-type': 'application/x-protobuf' };
export const jsonType = { 'content-type': 'application/json' };

/** Epoch nanoseconds of now and so many milliseconds, as the oracle wants them. */
export const nanos = (offsetMs = 0): string => String(BigInt(nowMs + offsetMs) * 1_000_000n);
