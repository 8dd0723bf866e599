import type { Checkpointed, SeriesCatalog, SeriesDefinition } from '../../model/index.ts';
import type { ProcessCatalog } from './process-catalog.ts';

/**
 * A catalogue whose ids belong to one consumer of the log and move with its checkpoint: given in the order in which its
 * series turned up, saved as the fingerprints in that order. Any process can go on with it, whatever its own ids are.
 */
export interface ScopedCatalog extends SeriesCatalog, Checkpointed {
  /** This catalogue's id of a series of the process. */
  idOf(processId: number): number;
  /** The process's id of one of this catalogue's series. */
  processIdOf(id: number): number;
}

export function createScopedCatalog(process: ProcessCatalog): ScopedCatalog {
  let definitions: (SeriesDefinition | undefined)[] = [];
  let processIds = new Uint32Array(256);
  let ids = new Int32Array(1024).fill(-1);
  let size = 0;

  function add(processId: number): number {
    const id = size++;
    if (id === processIds.length) {
      const larger = new Uint32Array(id * 2);
      larger.set(processIds);
      processIds = larger;
    }
    if (processId >= ids.length) {
      const larger = new Int32Array(Math.max(ids.length * 2, processId + 1)).fill(-1);
      larger.set(ids);
      ids = larger;
    }
    processIds[id] = processId;
    ids[processId] = id;
    return id;
  }

  function idOf(processId: number): number {
    const known = processId < ids.length ? ids[processId] : -1;
    return known === -1 ? add(processId) : known;
  }

  function get(id: number): SeriesDefinition {
    definitions[id] ??= { ...process.get(id < size ? processIds[id] : -1), id };
    return definitions[id];
  }

  return {
    get size() {
      return size;
    },
    get,
    intern: (identity) => idOf(process.intern(identity)),
    find(fingerprint) {
      const known = process.find(fingerprint);
      const id = known === undefined || known.id >= ids.length ? -1 : ids[known.id];
      return id === -1 ? undefined : get(id);
    },
    idOf,
    processIdOf: (id) => processIds[id],
    save() {
      const words = new Uint32Array(size * 2);
      for (let id = 0; id < size; id++) {
        words[id * 2] = process.high(processIds[id]);
        words[id * 2 + 1] = process.low(processIds[id]);
      }
      return new Uint8Array(words.buffer);
    },
    load(bytes) {
      const words = new Uint32Array(bytes.slice().buffer);
      definitions = [];
      ids.fill(-1);
      size = 0;
      for (let at = 0; at < words.length; at += 2) {
        const processId = process.idOf(words[at], words[at + 1]);
        if (processId === -1) return false;
        add(processId);
      }
      return true;
    },
  };
}
