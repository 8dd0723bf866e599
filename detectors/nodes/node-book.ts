import type { Anomaly } from '../../model/index.ts';
import { createNodeRecord, type NodeRecord } from './node-record.ts';

/** The nodes there are, by the name that Kubernetes gives them. */
export interface NodeBook {
  readonly size: number;
  /** The node of this name, made now if it is new. */
  node(name: string): NodeRecord;
  /** What was filed under an address, or under another name, belongs to this node. Gives what was foretold under that one. */
  merge(called: string, name: string): Anomaly | undefined;
  forget(name: string): void;
  all(): Iterable<NodeRecord>;
  save(): readonly NodeRecord[];
  load(saved: readonly NodeRecord[]): void;
}

export function createNodeBook(): NodeBook {
  const nodes = new Map<string, NodeRecord>();

  function node(name: string): NodeRecord {
    let found = nodes.get(name);
    if (found === undefined) {
      found = createNodeRecord(name);
      nodes.set(name, found);
    }
    return found;
  }

  return {
    get size() {
      return nodes.size;
    },
    node,
    merge: (called, name) => {
      const stray = nodes.get(called);
      if (stray === undefined) return undefined;
      nodes.delete(called);
      const owner = node(name);
      owner.tracks.push(...stray.tracks);
      owner.risks.push(...stray.risks);
      owner.heardMs = Math.max(owner.heardMs, stray.heardMs);
      owner.ready = owner.ready && stray.ready;
      return stray.anomaly;
    },
    forget: (name) => void nodes.delete(name),
    all: () => nodes.values(),
    save: () => [...nodes.values()],
    load: (saved) => {
      nodes.clear();
      for (const record of saved) nodes.set(record.name, record);
    },
  };
}
