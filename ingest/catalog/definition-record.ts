import { KybernError, type SeriesDefinition, type SeriesIdentity } from '../../model/index.ts';

/** A definition as a record holds it. */
export interface StoredSeries {
  readonly id: number;
  readonly fingerprint: string;
  readonly identity: SeriesIdentity;
}

type StoredFields = Pick<SeriesDefinition, 'fingerprint' | 'name' | 'labels' | 'kind' | 'unit' | 'origin'>;

const version = 1;
const textDecoder = new TextDecoder();
const textEncoder = new TextEncoder();

/** One JSON record of several definitions with consecutive ids. */
export function encodeDefinitions(definitions: readonly SeriesDefinition[]): Uint8Array {
  const series = definitions.map(
    ({ fingerprint, name, labels, kind, unit, origin }): StoredFields => ({
      fingerprint,
      name,
      labels,
      kind,
      unit,
      origin,
    }),
  );
  return textEncoder.encode(JSON.stringify({ version, first: definitions[0]?.id ?? 0, series }));
}

/** The reverse of {@link encodeDefinitions}. Throws KYBERN_LOG_CORRUPT. */
export function decodeDefinitions(bytes: Uint8Array): StoredSeries[] {
  const record = parse(bytes);
  return record.series.map(({ fingerprint, ...identity }, index) => ({
    id: record.first + index,
    fingerprint,
    identity,
  }));
}

function parse(bytes: Uint8Array): { first: number; series: StoredFields[] } {
  try {
    const record = JSON.parse(textDecoder.decode(bytes)) as { version: number; first: number; series: StoredFields[] };
    if (record.version === version && Number.isInteger(record.first) && record.series.every(isComplete)) return record;
  } catch (cause) {
    throw new KybernError('KYBERN_LOG_CORRUPT', 'a record of series definitions is not readable', { cause });
  }
  throw new KybernError('KYBERN_LOG_CORRUPT', 'a record of series definitions has an unknown form');
}

function isComplete(series: StoredFields): boolean {
  return (
    typeof series.fingerprint === 'string' &&
    typeof series.name === 'string' &&
    typeof series.kind === 'string' &&
    Array.isArray(series.labels)
  );
}
