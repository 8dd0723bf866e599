import { KybernError } from '../../model/index.ts';

const labelName = /[a-zA-Z_:][a-zA-Z0-9_:.]*/y;
const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/**
 * The labels of a stream as Loki's protobuf form has them: `{a="b", c="d"}` with Go's escapes in quotes, or a raw text in
 * backticks. One pass over the text. Throws KYBERN_LABELS_LIMIT where it is not of that form: it is this stream that is
 * refused, not the body.
 */
export function parseLabels(text: string): [name: string, value: string][] {
  const labels: [string, string][] = [];
  let position = 0;

  function refuse(): never {
    throw new KybernError('KYBERN_LABELS_LIMIT', `the labels of a stream cannot be read at character ${position}`);
  }

  function skipSpace(): void {
    while (' \t\n\r'.includes(text[position] ?? '.')) position++;
  }

  function take(character: string): void {
    if (text[position] !== character) refuse();
    position++;
    skipSpace();
  }

  function name(): string {
    labelName.lastIndex = position;
    const found = labelName.exec(text)?.[0] ?? refuse();
    position += found.length;
    skipSpace();
    return found;
  }

  function value(): string {
    const quote = text[position];
    if (quote === '`') return raw();
    if (quote !== '"') refuse();
    let plain = '';
    let from = ++position;
    while (text[position] !== '"') {
      if (position >= text.length || text[position] === '\n') refuse();
      if (text[position] === '\\') {
        plain += text.slice(from, position) + escaped();
        from = position;
      } else position++;
    }
    plain += text.slice(from, position++);
    skipSpace();
    return plain;
  }

  function raw(): string {
    const end = text.indexOf('`', position + 1);
    if (end < 0) refuse();
    const plain = text.slice(position + 1, end);
    position = end + 1;
    skipSpace();
    return plain;
  }

  function escaped(): string {
    const kind = text[++position] ?? refuse();
    position++;
    const simple = simpleEscapes[kind];
    if (simple !== undefined) return simple;
    if (kind === 'x') return fromCode(2, 16);
    if (kind === 'u') return fromCode(4, 16);
    if (kind === 'U') return fromCode(8, 16);
    position--;
    return fromCode(3, 8);
  }

  function fromCode(digits: number, base: 8 | 16): string {
    const code = text.slice(position, position + digits);
    const isCode = code.length === digits && (base === 16 ? /^[0-9a-fA-F]+$/ : /^[0-7]+$/).test(code);
    const point = isCode ? Number.parseInt(code, base) : Number.NaN;
    if (!(point <= 0x10ffff) || (point >= 0xd800 && point <= 0xdfff)) refuse();
    position += digits;
    return String.fromCodePoint(point);
  }

  skipSpace();
  take('{');
  while (text[position] !== '}') {
    const label = name();
    take('=');
    labels.push([label, value()]);
    if (text[position] !== '}') take(',');
  }
  take('}');
  if (position < text.length) refuse();
  return labels;
}
