import { entityKey, labelValue, type SeriesCatalog, type SeriesDefinition } from '../../model/index.ts';
import { tenantLabel } from '../intake/tenant.ts';
import { createFingerprintIndex } from './fingerprint-index.ts';
import { createSeriesTable } from './series-table.ts';

/** Every series that this process met, of whatever partition. Its ids mean something in this process only. */
export interface ProcessCatalog extends SeriesCatalog {
  /** The id of a fingerprint given as two words, or -1. */
  idOf(high: number, low: number): number;
  /** The high word of a series' fingerprint. */
  high(id: number): number;
  low(id: number): number;
  /** The partition where this series' entity has all its signals. */
  partitionOf(id: number): number;
}

export function createProcessCatalog(options: {
  readonly limits: { readonly series: number };
  readonly partitions: number;
}): ProcessCatalog {
  const { partitions } = options;
  const index = createFingerprintIndex();
  let highs = new Uint32Array(1024);
  let lows = new Uint32Array(1024);
  let homes = new Uint16Array(1024);
  const table = createSeriesTable(options.limits, (definition) => {
    const { id, fingerprint } = definition;
    if (id === highs.length) {
      highs = grown(highs, new Uint32Array(id * 2));
      lows = grown(lows, new Uint32Array(id * 2));
      homes = grown(homes, new Uint16Array(id * 2));
    }
    highs[id] = Number.parseInt(fingerprint.slice(0, 8), 16);
    lows[id] = Number.parseInt(fingerprint.slice(8), 16);
    homes[id] = homeOf(definition, partitions);
    index.add(highs[id], lows[id], id);
  });

  return {
    get size() {
      return table.size;
    },
    get: table.get,
    intern: table.intern,
    find: table.find,
    idOf: index.find,
    high: (id) => highs[id],
    low: (id) => lows[id],
    partitionOf: (id) => homes[id],
  };
}

type Placed = Pick<SeriesDefinition, 'kind' | 'origin' | 'labels' | 'entity'>;

/** The partition, of so many, in which a series is scored. */
export function homeOf(definition: Placed, partitions: number): number {
  return hashOf(meetingPlaceOf(definition)) % partitions;
}

/**
 * What is hashed to a partition: tenant and entity. Spans go by namespace instead: a trace is put together from the spans
 * of several services, and services call each other within a namespace far more often than across; what is derived from
 * spans is scored beside them.
 */
export function meetingPlaceOf(definition: Placed): string {
  const { kind, origin, labels, entity } = definition;
  const tenant = labelValue(labels, tenantLabel) ?? '';
  const isOfSpans = kind === 'spans' || origin === 'traces';
  return isOfSpans ? `${tenant}|spans|${entity.namespace}` : `${tenant}|${entityKey(entity)}`;
}

/** FNV-1a (Fowler, Noll, Vo), 32 bits, over UTF-16 units, with MurmurHash3's finish: its low bits alone are weak. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function grown<T extends Uint32Array | Uint16Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
