import type {
  Action,
  Anomaly,
  AuditRecord,
  Decision,
  DecisionType,
  Feedback,
  Incident,
  MaintenanceWindow,
  Page,
  PageQuery,
  Proposal,
} from '../../model/index.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { DocumentReads } from '../document-reads.ts';
import { documentOf, type StoredDocument } from '../stored-document.ts';
import { createBoundedMap } from './bounded-map.ts';

export interface MemoryDocuments extends DocumentReads {
  put(decisions: readonly Decision[]): void;
  /** Everything kept. */
  all(): Iterable<Decision>;
}

type Place = readonly [number, string];

/** Decisions of each type by id, the highest revision of each. */
export function createMemoryDocuments(limit: number): MemoryDocuments {
  const tables: Readonly<Record<DecisionType, ReturnType<typeof createBoundedMap<StoredDocument>>>> = {
    anomaly: createBoundedMap(limit),
    incident: createBoundedMap(limit),
    proposal: createBoundedMap(limit),
    action: createBoundedMap(limit),
    audit: createBoundedMap(limit),
    feedback: createBoundedMap(limit),
    maintenance: createBoundedMap(limit),
  };

  function put(decisions: readonly Decision[]): void {
    for (const decision of decisions) {
      const document = documentOf(decision);
      const known = tables[document.type].get(document.id);
      if (known === undefined || known.revision <= document.revision) tables[document.type].set(document.id, document);
    }
  }

  function* all(): Generator<Decision> {
    for (const [type, documents] of Object.entries(tables))
      for (const { value } of documents.values()) yield { type, value } as Decision;
  }

  async function one<T>(type: DecisionType, id: string): Promise<T | undefined> {
    return tables[type].get(id)?.value as T | undefined;
  }

  async function list<T>(
    type: DecisionType,
    query: PageQuery,
    filter: { state?: string; about?: string },
    newestFirst = true,
  ): Promise<Page<T>> {
    const { fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY } = query;
    const place = (document: StoredDocument) => (type === 'audit' ? document.sequence : document.atMs);
    // Ids tell apart what has the same place, in the same direction.
    const compare = ([a, aId]: Place, [b, bId]: Place) =>
      (a - b || (aId === bId ? 0 : aId < bId ? -1 : 1)) * (newestFirst ? -1 : 1);
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, [0, '']);
    const found = [...tables[type].values()]
      .filter((document) => document.untilMs >= fromMs && document.atMs <= toMs)
      .filter((document) => filter.state === undefined || document.state === filter.state)
      .filter((document) => filter.about === undefined || document.about === filter.about)
      .filter((document) => after === undefined || compare([place(document), document.id], after) > 0)
      .sort((a, b) => compare([place(a), a.id], [place(b), b.id]));
    const items = found.slice(0, query.limit).map((document) => document.value as T);
    if (found.length <= query.limit) return { items };
    const last = found[query.limit - 1];
    return { items, next: encodeCursor([place(last), last.id]) };
  }

  return {
    put,
    all,
    incidents: ({ state, ...query }) => list<Incident>('incident', query, { ...(state && { state }) }),
    incident: (id) => one<Incident>('incident', id),
    anomalies: ({ state, series, ...query }) =>
      list<Anomaly>('anomaly', query, { ...(state && { state }), ...(series !== undefined && { about: series }) }),
    anomaly: (id) => one<Anomaly>('anomaly', id),
    actions: ({ state, ...query }) => list<Action>('action', query, { ...(state !== undefined && { state }) }),
    action: (id) => one<Action>('action', id),
    proposals: ({ state, ...query }) => list<Proposal>('proposal', query, { ...(state !== undefined && { state }) }),
    proposal: (id) => one<Proposal>('proposal', id),
    feedback: ({ state, series, ...query }) =>
      list<Feedback>('feedback', query, { ...(state && { state }), ...(series !== undefined && { about: series }) }),
    feedbackById: (id) => one<Feedback>('feedback', id),
    maintenance: ({ state, ...query }) => list<MaintenanceWindow>('maintenance', query, { ...(state && { state }) }),
    maintenanceById: (id) => one<MaintenanceWindow>('maintenance', id),
    audit: ({ actionId, newestFirst = false, ...query }) =>
      list<AuditRecord>('audit', query, { ...(actionId !== undefined && { about: actionId }) }, newestFirst),
  };
}
