import type { Migration } from '../migration.ts';

/**
 * Codecs by bytes per sample on disk, measured on what a real Prometheus scrapes (`npm run bench -- store`): of scraped
 * values many are whole numbers that grow, whose differences repeat; Gorilla's bits leave zstd nothing to find. What is
 * there already is rewritten as parts merge.
 */
export const measuredCodecs: Migration = {
  version: 2,
  name: 'measured codecs',
  statements: (database) => [
    `ALTER TABLE ${database}.samples
       MODIFY COLUMN time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(3)),
       MODIFY COLUMN value Float64 CODEC(Delta, ZSTD(3))`,
    `ALTER TABLE ${database}.bands
       MODIFY COLUMN time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(3)),
       MODIFY COLUMN expected Float64 CODEC(Delta, ZSTD(3)),
       MODIFY COLUMN lower Float64 CODEC(Delta, ZSTD(3)),
       MODIFY COLUMN upper Float64 CODEC(Delta, ZSTD(3))`,
  ],
};
