import { KybernError } from '../../model/index.ts';

const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const labelPattern = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(,|$)/y;
const escapes: Readonly<Record<string, string>> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' };

/**
 * Name and labels of `name{label="value",...}`, in the order they stand. Throws KYBERN_BODY_UNREADABLE where it is not of
 * that form, KYBERN_LABELS_LIMIT where a label stands twice.
 */
export function readSeriesText(text: string): { name: string; labels: [string, string][] } {
  const name = namePattern.exec(text)?.[0] ?? malformed(text);
  const rest = text.slice(name.length).trim();
  if (rest === '') return { name, labels: [] };
  if (!rest.startsWith('{') || !rest.endsWith('}')) malformed(text);
  return { name, labels: readLabels(rest.slice(1, -1), text) };
}

function readLabels(inside: string, text: string): [string, string][] {
  const labels: [string, string][] = [];
  const seen = new Set<string>();
  labelPattern.lastIndex = 0;
  while (inside.slice(labelPattern.lastIndex).trim() !== '') {
    const match = labelPattern.exec(inside) ?? malformed(text);
    const [, label, raw] = match;
    if (seen.has(label)) throw new KybernError('KYBERN_LABELS_LIMIT', `${label} stands twice`);
    seen.add(label);
    labels.push([label, raw.includes('\\') ? raw.replace(/\\./g, (escaped) => escapes[escaped] ?? escaped) : raw]);
    if (match[3] === '') break;
  }
  return labels;
}

function malformed(text: string): never {
  throw new KybernError('KYBERN_BODY_UNREADABLE', `not a series: ${text.slice(0, 100)}`);
}
