import { expect, test } from 'vitest';
import { ingestConfig } from './testing/ingest-config.ts';

test('everything has a default: receivers listen on loopback and nothing is scraped', () => {
  const config = ingestConfig();
  expect(config.otlp).toEqual({
    host: '127.0.0.1',
    port: 4318,
    grpc: { enabled: true, host: '127.0.0.1', port: 4317 },
  });
  expect(config.limits.bodyBytes).toBe(64 * 1024 * 1024);
  expect(config.limits.series).toBe(2_000_000);
  expect(config.scrape).toEqual([]);
});
