import { KybernError } from '../../model/index.ts';

const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const blank = '[ \\t]*';
const text = '"((?:[^"\\\\\\n]|\\\\[^\\n])*)"';
const key = `(?:([a-zA-Z_:][a-zA-Z0-9_:]*)|${text})`;
const lenientTerm = new RegExp(`${blank}${key}${blank}(?:=${blank}${text}${blank})?(,|$)`, 'y');
const strictTerm = new RegExp(`${key}(?:=${text})?(,|$)`, 'y');
const plainLabel = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const escapes: Readonly<Record<string, string>> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' };

export interface SeriesText {
  readonly name: string;
  readonly labels: [string, string][];
}

/**
 * Name and labels of `name{label="value",...}`, in the order they stand, or of `{"name","label"="value",...}`, where the
 * name or a label is not of the old alphabet (Prometheus text 1.0.0). `strict` is OpenMetrics: no blanks, no comma behind
 * the last label. Throws KYBERN_BODY_UNREADABLE where it is not of that form, KYBERN_LABELS_LIMIT where a label stands
 * twice.
 */
export function readSeriesText(series: string, strict = false): SeriesText {
  const name = namePattern.exec(series)?.[0] ?? '';
  const rest = strict ? series.slice(name.length) : series.slice(name.length).trim();
  if (rest === '') return { name: name === '' ? malformed(series) : name, labels: [] };
  if (!rest.startsWith('{') || !rest.endsWith('}')) malformed(series);
  return readTerms(name, rest.slice(1, -1), series, strict);
}

function readTerms(outerName: string, inside: string, series: string, strict: boolean): SeriesText {
  const labels = new Map<string, string>();
  const term = strict ? strictTerm : lenientTerm;
  let name = outerName;
  let position = 0;
  while (position < inside.length && (strict || inside.slice(position).trim() !== '')) {
    term.lastIndex = position;
    const match = term.exec(inside) ?? malformed(series);
    const [whole, plain, quoted, value, end] = match;
    position += whole.length;
    if (value === undefined) {
      // A text alone is the name: the first term, and only where none stands before the brace.
      if (quoted === undefined || quoted === '' || name !== '' || labels.size > 0) malformed(series);
      name = unescapeText(quoted);
    } else {
      const label = plain ?? unescapeText(quoted);
      if (label === '' || (plain !== undefined && !plainLabel.test(plain))) malformed(series);
      if (labels.has(label)) throw new KybernError('KYBERN_LABELS_LIMIT', `${label} stands twice`);
      labels.set(label, unescapeText(value));
    }
    if (end === '') break;
    if (strict && position === inside.length) malformed(series);
  }
  if (name === '') malformed(series);
  return { name, labels: [...labels] };
}

/** Undoes `\n`, `\"` and `\\`; any other backslash stays. */
export function unescapeText(raw: string): string {
  return raw.includes('\\') ? raw.replace(/\\./g, (escaped) => escapes[escaped] ?? escaped) : raw;
}

function malformed(series: string): never {
  throw new KybernError('KYBERN_BODY_UNREADABLE', `not a series: ${series.slice(0, 100)}`);
}
