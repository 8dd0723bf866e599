import { Value } from 'typebox/value';
import { createSeriesCatalog } from '../../ingest/index.ts';
import { createKafkaSource, KafkaSource } from '../../ingest/kafka/index.ts';
import { createCountedMetrics } from '../../ingest/testing/counted-metrics.ts';
import { ingestConfig } from '../../ingest/testing/ingest-config.ts';
import { createMemoryTopic } from '../../ingest/testing/memory-topic.ts';
import { KybernError, type SignalBatch } from '../../model/index.ts';

/** A Kafka source in this process, with a log that remembers and can be taken away. */
export function startKafkaSource(settings: Readonly<Record<string, unknown>>) {
  const config = Value.Parse(KafkaSource, Value.Default(KafkaSource, settings));
  const metrics = createCountedMetrics();
  const { limits } = ingestConfig();
  const catalog = createSeriesCatalog(createMemoryTopic(), limits);
  const appended: { readonly batch: SignalBatch; readonly atMs: number }[] = [];
  const told: string[] = [];
  const log = { away: false };
  const clock = {
    now: () => Date.now(),
    sleep: (milliseconds: number, signal?: AbortSignal) =>
      new Promise<boolean>((resolve) => {
        if (signal?.aborted) return resolve(false);
        const timer = setTimeout(() => resolve(true), milliseconds);
        signal?.addEventListener('abort', () => {
          clearTimeout(timer);
          resolve(false);
        });
      }),
  };
  const tell = (level: string) => (fields: object, text: string) =>
    void told.push(`${level} ${text} ${JSON.stringify(fields)}`);
  const source = createKafkaSource({
    config,
    limits,
    catalog,
    async append(batches) {
      if (log.away) throw new KybernError('KYBERN_LOG_UNAVAILABLE', 'away for a test');
      for (const batch of batches) appended.push({ batch, atMs: Date.now() });
    },
    clock,
    metrics,
    gate: { admit: (batch) => batch },
    log: { debug() {}, info: tell('info'), warn: tell('warn'), error: tell('error') },
  });
  const running = new AbortController();
  const ended = source.run(running.signal);

  return {
    metrics,
    appended,
    log,
    told,
    standing: source.standing,
    /** Samples that reached the log: name, value, time, and when they did. */
    samples() {
      return appended.flatMap(({ batch, atMs }) =>
        batch.kind !== 'samples'
          ? []
          : Array.from({ length: batch.count }, (_, row) => ({
              name: catalog.get(batch.series[row]).name,
              value: batch.values[row],
              timeMs: batch.timesMs[row],
              atMs,
            })),
      );
    },
    async stop() {
      running.abort();
      await ended;
    },
  };
}
