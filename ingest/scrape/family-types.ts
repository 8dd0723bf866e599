import type { SeriesKind } from '../../model/index.ts';
import { prometheusKind } from '../catalog/prometheus-kind.ts';
import { decodeText } from '../wire/wire-reader.ts';
import { unescapeText } from './series-text.ts';

/** Metric types by family name, as the TYPE lines before the samples tell. */
export type FamilyTypes = Map<string, string>;

const longestTypeLine = 16 * 1024;
const typeLine = /^#[ \t]+TYPE[ \t]+(?:([^\s"]\S*)|"((?:[^"\\]|\\.)+)")[ \t]+(\S+)[ \t]*$/;

/** Takes up `# TYPE name type`; every other comment is passed over. */
export function readTypeLine(body: Uint8Array, start: number, end: number, types: FamilyTypes): void {
  if (end - start > longestTypeLine) return;
  const match = typeLine.exec(decodeText(body, start, end) ?? '');
  if (match !== null) types.set(match[1] ?? unescapeText(match[2]), match[3]);
}

/** How a sample is read: by its family's type, else by its name. */
export function kindOfSample(name: string, types: FamilyTypes): SeriesKind {
  const type = types.get(name);
  if (type === 'counter') return 'counter';
  if (type === 'gauge' || type === 'summary') return 'gauge';
  if (type !== undefined) return prometheusKind(name);
  const family = types.get(name.replace(/_(bucket|sum|count|total)$/, ''));
  return family === 'histogram' || family === 'summary' || family === 'counter' ? 'counter' : prometheusKind(name);
}
