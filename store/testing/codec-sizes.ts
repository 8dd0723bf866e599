import { openClickHouseStore } from '../clickhouse/clickhouse-store.ts';
import type { Engine } from '../clickhouse/connection.ts';
import { openEmbeddedEngine } from '../clickhouse/embedded-engine.ts';
import { memoryQuarantine } from './rejecting.ts';

export interface Codecs {
  readonly series: string;
  readonly time: string;
  readonly value: string;
}

export interface CodecSize {
  readonly codecs: Codecs;
  /** Everything that the part takes on disk, keys and index too. */
  readonly bytesPerSample: number;
}

const times = ['DoubleDelta, ZSTD(1)', 'Delta, ZSTD(1)', 'Delta, ZSTD(3)', 'T64, ZSTD(1)', 'DoubleDelta, LZ4'];
const values = [
  'Gorilla, ZSTD(1)',
  'Gorilla, ZSTD(3)',
  'Gorilla',
  'FPC, ZSTD(1)',
  'FPC, ZSTD(3)',
  'Delta, ZSTD(1)',
  'Delta, ZSTD(3)',
  'DoubleDelta, ZSTD(3)',
  'ZSTD(1)',
  'ZSTD(3)',
  'ZSTD(9)',
  'LZ4',
];

/** One column varied at a time around the first migration's choice, then the best of each together. */
async function measureCodecs(engine: Engine, source: string): Promise<readonly CodecSize[]> {
  const first: Codecs = { series: 'ZSTD(1)', time: times[0]!, value: values[0]! };
  const sizes: CodecSize[] = [];
  for (const series of ['Delta, ZSTD(1)', 'LZ4']) sizes.push(await sizeWith(engine, source, { ...first, series }));
  for (const time of times) sizes.push(await sizeWith(engine, source, { ...first, time }));
  for (const value of values.slice(1)) sizes.push(await sizeWith(engine, source, { ...first, value }));
  const bestOf = (column: keyof Codecs) =>
    smallest(sizes.filter(({ codecs }) => others(codecs, column).every((name) => codecs[name] === first[name]))).codecs[
      column
    ];
  const together = { series: bestOf('series'), time: bestOf('time'), value: bestOf('value') };
  return [...sizes, await sizeWith(engine, source, together)];
}

export function smallest(sizes: readonly CodecSize[]): CodecSize {
  return sizes.reduce((best, each) => (each.bytesPerSample < best.bytesPerSample ? each : best));
}

export function nameOf({ series, time, value }: Codecs): string {
  return `series ${series}; time ${time}; value ${value}`;
}

function others(codecs: Codecs, column: keyof Codecs): (keyof Codecs)[] {
  return (Object.keys(codecs) as (keyof Codecs)[]).filter((name) => name !== column);
}

async function sizeWith(engine: Engine, source: string, codecs: Codecs): Promise<CodecSize> {
  const table = 'bench.codecs';
  const command = (query: string) => engine.use((client) => client.command({ query }));
  await command('CREATE DATABASE IF NOT EXISTS bench');
  await command(`DROP TABLE IF EXISTS ${table} SYNC`);
  await command('SET allow_suspicious_codecs = 1');
  await command(
    `CREATE TABLE ${table} (series UInt64 CODEC(${codecs.series}), time DateTime64(3, 'UTC') CODEC(${codecs.time}),
       value Float64 CODEC(${codecs.value}))
     ENGINE = ReplacingMergeTree PARTITION BY toMonday(time) ORDER BY (series, time) SETTINGS min_bytes_for_wide_part = 0`,
  );
  await command(`INSERT INTO ${table} SELECT series, time, value FROM ${source}`);
  await command(`OPTIMIZE TABLE ${table} FINAL`);
  return { codecs, bytesPerSample: await bytesPerRow(engine, 'bench', 'codecs') };
}

/** A store in the embedded ClickHouse with what is needed to weigh it. */
export async function openWeighedStore(directory: string) {
  const engine = await openEmbeddedEngine(directory, 1_000_000_000);
  const database = 'kybern';
  const store = await openClickHouseStore(engine, { database, quarantine: memoryQuarantine() });
  return {
    store,
    /** Another store beside it, empty. */
    storeIn: (other: string) => openClickHouseStore(engine, { database: other, quarantine: memoryQuarantine() }),
    merge: () => engine.use((client) => client.command({ query: `OPTIMIZE TABLE ${database}.samples FINAL` })),
    bytesPerSample: () => bytesPerRow(engine, database, 'samples'),
    codecSizes: () => measureCodecs(engine, `${database}.samples`),
  };
}

async function bytesPerRow(engine: Engine, database: string, table: string): Promise<number> {
  const result = await engine.use((client) =>
    client.query({
      query: `SELECT sum(bytes_on_disk) / sum(rows) AS each FROM system.parts
              WHERE active AND database = {database:String} AND table = {table:String}`,
      query_params: { database, table },
      format: 'JSONEachRow',
    }),
  );
  const [row] = await result.json<{ each: number }>();
  return row!.each;
}
