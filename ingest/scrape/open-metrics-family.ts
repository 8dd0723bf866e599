import { createHistogramCheck } from './histogram-check.ts';
import { type FamilyType, isFamilyType, namesTaken, type Suffix } from './open-metrics-types.ts';

/** The metric family that a page is in: what its metadata said, and what of its samples has been seen. */
export interface Family {
  name: string;
  type: FamilyType;
  unit: string;
  /** False until the page has named one. */
  begun: boolean;
  /** Named by its own samples only. */
  implicit: boolean;
  samples: number;
}

/** Holds a page to the order of OpenMetrics 1.0: families whole and once, metrics of a family together, times rising. */
export function createFamilyTracker() {
  const family: Family = { name: '', type: 'unknown', unit: '', begun: false, implicit: false, samples: 0 };
  const taken = new Set<string>();
  const told = new Set<string>();
  const seenGroups = new Set<number>();
  const members = new Set<number>();
  const histogram = createHistogramCheck();
  let group = -1;
  let groupTime = Number.NaN;

  function close(): boolean {
    if (!family.begun) return true;
    for (const name of namesTaken(family.name, family.type)) {
      if (taken.has(name)) return false;
      taken.add(name);
    }
    const { name, type, unit } = family;
    if (unit !== '' && (!name.endsWith(`_${unit}`) || type === 'info' || type === 'stateset')) return false;
    return histogram.end();
  }

  function begin(name: string, implicit: boolean): void {
    Object.assign(family, { name, implicit, type: 'unknown', unit: '', begun: true, samples: 0 });
    told.clear();
    seenGroups.clear();
    members.clear();
    histogram.reset();
    group = -1;
    groupTime = Number.NaN;
  }

  return {
    family,
    /** Forgets the page before. */
    start(): void {
      begin('', true);
      family.begun = false;
      taken.clear();
    },
    /** Ends the family and begins one without metadata. False where what ends now was not right. */
    beginImplicit(name: string): boolean {
      const right = close();
      begin(name, true);
      return right;
    },
    /** Takes `# KEYWORD name text`. False where it may not stand there. */
    metadata(keyword: string, name: string, text: string): boolean {
      if (family.begun && name === family.name) {
        if (family.samples > 0) return false;
      } else {
        if (!close()) return false;
        begin(name, false);
      }
      if (told.has(keyword)) return false;
      told.add(keyword);
      if (keyword === 'UNIT') family.unit = text;
      if (keyword !== 'TYPE') return true;
      if (!isFamilyType(text)) return false;
      family.type = text;
      return true;
    },
    /**
     * Takes a sample of the family. `entry` stands for name and labels, `metric` for those labels that all samples of one
     * metric share; `time` in seconds, NaN where there is none. False where it may not stand there.
     */
    sample(entry: number, metric: number, suffix: Suffix, bound: number, time: number, value: number): boolean {
      family.samples++;
      const timed = !Number.isNaN(time);
      if (metric === group) {
        if (timed === Number.isNaN(groupTime)) return false;
        if (timed && groupTime > time && family.type !== 'info') return false;
      } else {
        if (seenGroups.has(metric)) return false;
        members.clear();
        seenGroups.add(metric);
      }
      const again = Object.is(time, groupTime) && members.has(entry);
      members.add(entry);
      group = metric;
      groupTime = time;
      // The same series and time once more is a time cut to less than it had.
      if (again || (family.type !== 'histogram' && family.type !== 'gaugehistogram')) return true;
      return histogram.take(metric, time, suffix, bound, value);
    },
    end: close,
  };
}
