import { severityClasses } from './severity-class.ts';

/** Records of one kind of error: how many, and the highest severity of them. */
export interface ErrorCount {
  records: number;
  severity: number;
}

/** What one open window counted. Pairs of an entity and a template are one number, see {@link pairOf}. */
export interface WindowCounts {
  /** Records by entity and severity class: entity * classes + class. */
  readonly classes: Map<number, number>;
  readonly templates: Map<number, number>;
  /** By entity and by kind of error. */
  readonly errors: Map<number, Map<number, ErrorCount>>;
  /** Pairs first met in a record without a session. */
  readonly loose: Set<number>;
}

const templateStride = 2 ** 28;

export function pairOf(entity: number, template: number): number {
  return entity * templateStride + template;
}

export function entityOf(pair: number): number {
  return Math.floor(pair / templateStride);
}

export function templateOf(pair: number): number {
  return pair % templateStride;
}

/** Windows that are still open, by their number. */
export interface OpenWindows {
  at(index: number): WindowCounts;
  /** Takes a window out; undefined if nothing came in it. */
  take(index: number): WindowCounts | undefined;
  /** Numbers of those before `index`, ascending. */
  before(index: number): readonly number[];
  save(): unknown;
  load(saved: unknown): void;
}

type Pairs = readonly (readonly [number, number])[];
type SavedErrors = readonly (readonly [number, readonly (readonly [number, ErrorCount])[]])[];
type SavedWindow = readonly [number, Pairs, Pairs, SavedErrors, readonly number[]];

/** Counts a record of an entity's kind of error. */
export function countError({ errors }: WindowCounts, entity: number, form: number, severity: number): void {
  let kinds = errors.get(entity);
  if (kinds === undefined) {
    kinds = new Map();
    errors.set(entity, kinds);
  }
  const count = kinds.get(form);
  if (count === undefined) kinds.set(form, { records: 1, severity });
  else {
    count.records += 1;
    count.severity = Math.max(count.severity, severity);
  }
}

export function createOpenWindows(): OpenWindows {
  let windows = new Map<number, WindowCounts>();
  return {
    at: (index) => {
      let counts = windows.get(index);
      if (counts === undefined) {
        counts = { classes: new Map(), templates: new Map(), errors: new Map(), loose: new Set() };
        windows.set(index, counts);
      }
      return counts;
    },
    take: (index) => {
      const counts = windows.get(index);
      windows.delete(index);
      return counts;
    },
    before: (index) => [...windows.keys()].filter((key) => key < index).sort((a, b) => a - b),
    save: () =>
      [...windows].map(([index, { classes, templates, errors, loose }]) => [
        index,
        [...classes],
        [...templates],
        Array.from(errors, ([entity, kinds]) => [entity, [...kinds]] as const),
        [...loose],
      ]),
    load: (saved) => {
      windows = new Map();
      for (const [index, classes, templates, errors, loose] of saved as SavedWindow[]) {
        windows.set(index, {
          classes: new Map(classes),
          templates: new Map(templates),
          errors: new Map(errors.map(([entity, kinds]) => [entity, new Map(kinds)])),
          loose: new Set(loose),
        });
      }
    },
  };
}

/** Records of one entity by severity class. */
export function classCounts(counts: WindowCounts | undefined, entity: number): number[] {
  return severityClasses.map((_, each) => counts?.classes.get(entity * severityClasses.length + each) ?? 0);
}
