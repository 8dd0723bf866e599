import { createPlainDrain, drainPublished, drainUnmasked } from './plain-drain.ts';

/** Gives the group of each line, after all were seen. */
export type Grouping = (lines: readonly string[]) => readonly (string | number)[];

/** What our templates are held against, by name: nothing is set for a system in any of them. */
export const groupingBaselines: ReadonlyMap<string, Grouping> = new Map<string, Grouping>([
  ['drainPublishedMasking', (lines) => drainGroups(lines, drainPublished)],
  ['drainUnmasked', (lines) => drainGroups(lines, drainUnmasked)],
  ['digitsMasked', (lines) => lines.map((line) => line.replaceAll(/\S*\d\S*/g, '*'))],
  ['exactText', (lines) => lines],
]);

function drainGroups(lines: readonly string[], options: typeof drainPublished): readonly number[] {
  const groupOf = createPlainDrain(options);
  return lines.map((line) => groupOf(line));
}
