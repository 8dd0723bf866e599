import {
  canonicalLabels,
  type EntityRef,
  entityKey,
  firstLabel,
  type Labels,
  type SeriesCatalog,
} from '../../model/index.ts';
import { internDerived } from '../derived-samples.ts';
import type { GapState } from './line-gaps.ts';
import type { Burst } from '../recurring/index.ts';
import { severityClasses } from './severity-class.ts';
import { type MixState, newMixState, type RateState } from './usual-state.ts';

/** Labels that name a workload or service, the narrower first. */
const workloadLabels = [
  'k8s.deployment.name',
  'deployment',
  'k8s.statefulset.name',
  'statefulset',
  'service.name',
  'service',
  'service_name',
  'app',
];
/** Labels that say what a stream is about, in either convention; the others of its resource are left out. */
const identityLabels = new Set([
  'k8s.namespace.name',
  'namespace',
  'service.namespace',
  'k8s.pod.name',
  'pod',
  'pod_name',
  ...workloadLabels,
  'k8s.node.name',
  'node',
  'host.name',
  'instance',
]);

export interface LogEntity {
  readonly ref: EntityRef;
  readonly labels: Labels;
  /** What it shares with others of its kind, such as the workload of a pod: their sessions are compared. */
  readonly scope: string;
  readonly mix: MixState;
  /** Records of a window, as they usually are; and of how many windows that was learnt. */
  usualRecords: number;
  windows: number;
  /** Ids of the rate series by severity class; undefined until interned. */
  readonly rates: (number | undefined)[];
  /** End of the last window with records of a class, 0 for never. */
  readonly lastMs: number[];
  /** Ids of the template series by template id, up to the limit. */
  readonly templates: Map<number, TemplateSeries>;
  /** Series of templates it may begin, as of a time, -1 before the first: the catalogue keeps each for good. */
  room: number;
  roomMs: number;
  /** Time of the latest record. */
  touchedMs: number;
  /** The latest error line, and the latest warning or error. */
  errorExample: string;
  badExample: string;
  /** Time of its first record. */
  readonly bornMs: number;
}

export interface TemplateSeries {
  readonly series: number;
  rate: RateState;
  /** What came of it, much of it, while too little was known to judge that. */
  early: Burst | null;
  readonly gaps: GapState;
  lastMs: number;
}

/** Entities that wrote logs, numbered in the order of their first record. */
export interface LogEntities {
  /** By number. */
  readonly all: ReadonlyMap<number, LogEntity>;
  /** Forgets those without a record since then. Their numbers are not given out again: open episodes go by them. */
  forget(beforeMs: number): void;
  /** The number of the entity that a stream (catalogue id) is about; a new one is born now. */
  indexOf(stream: number, nowMs: number): number;
  rateSeries(entity: LogEntity, severityClass: number): number | undefined;
  templateSeries(entity: LogEntity, label: string): number | undefined;
  /** The latest error line of an entity by its key, '' where there is none. */
  errorExample(key: string): string;
  save(): unknown;
  load(saved: unknown): void;
}

type SavedEntity = Omit<LogEntity, 'templates'> & { readonly templates: [number, TemplateSeries][] };

interface SavedEntities {
  readonly next: number;
  readonly entities: readonly [number, SavedEntity][];
}

export function createLogEntities(catalog: SeriesCatalog): LogEntities {
  let all = new Map<number, LogEntity>();
  let next = 0;
  let byKey = new Map<string, number>();
  let streams: number[] = [];

  return {
    get all() {
      return all;
    },
    indexOf: (stream, nowMs) => {
      const known = streams[stream];
      if (known !== undefined) return known;
      const definition = catalog.get(stream);
      const key = entityKey(definition.entity);
      let index = byKey.get(key);
      if (index === undefined) {
        index = next;
        next += 1;
        byKey.set(key, index);
        all.set(index, {
          ref: definition.entity,
          labels: definition.labels.filter(([name]) => identityLabels.has(name)),
          scope: scopeOf(definition.entity, definition.labels),
          mix: newMixState(),
          usualRecords: 0,
          windows: 0,
          rates: severityClasses.map(() => undefined),
          lastMs: severityClasses.map(() => 0),
          templates: new Map(),
          room: -1,
          roomMs: 0,
          touchedMs: 0,
          errorExample: '',
          badExample: '',
          bornMs: nowMs,
        });
      }
      streams[stream] = index;
      return index;
    },
    forget: (beforeMs) => {
      for (const [index, entity] of all) {
        if (entity.touchedMs >= beforeMs) continue;
        all.delete(index);
        byKey.delete(entityKey(entity.ref));
        // Streams are few and found again quickly: all of them are looked up anew.
        streams = [];
      }
    },
    rateSeries: (entity, severityClass) => {
      entity.rates[severityClass] ??= internDerived(catalog, {
        name: 'log.records.rate',
        labels: canonicalLabels([...entity.labels, ['severity', severityClasses[severityClass]!]]),
        kind: 'gauge',
        unit: '1/s',
        origin: 'logs',
      });
      return entity.rates[severityClass];
    },
    templateSeries: (entity, label) =>
      internDerived(catalog, {
        name: 'log.template.rate',
        labels: canonicalLabels([...entity.labels, ['template', label]]),
        kind: 'gauge',
        unit: '1/s',
        origin: 'logs',
      }),
    errorExample: (key) => all.get(byKey.get(key) ?? -1)?.errorExample ?? '',
    save: (): SavedEntities => ({
      next,
      entities: Array.from(all, ([index, entity]) => [index, { ...entity, templates: [...entity.templates] }]),
    }),
    load: (saved) => {
      const state = saved as SavedEntities;
      next = state.next;
      all = new Map();
      byKey = new Map();
      for (const [index, entity] of state.entities) {
        byKey.set(entityKey(entity.ref), index);
        const rates = entity.rates.map((rate) => rate ?? undefined);
        all.set(index, { ...entity, rates, templates: new Map(entity.templates) });
      }
      streams = [];
    },
  };
}

/** The workload or service that a stream belongs to, by its labels or by its pod's name without what makes it unique. */
export function scopeOf(entity: EntityRef, labels: Labels): string {
  const namespace = entity.namespace === '' ? '' : `${entity.namespace}/`;
  const named = firstLabel(labels, ...workloadLabels);
  if (named !== undefined) return namespace + named;
  return (
    namespace + (entity.kind === 'pod' ? entity.name.replace(/(-[a-f0-9]{6,10})?-([a-z0-9]{5}|\d+)$/, '') : entity.name)
  );
}
