/** Rows of a CSV text by its header, quotes and line breaks within quotes understood (RFC 4180). */
export function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const endRow = (): void => {
    row.push(cell.endsWith('\r') ? cell.slice(0, -1) : cell);
    cell = '';
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]!;
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === ',') {
      row.push(cell);
      cell = '';
    } else if (letter === '\n') endRow();
    else cell += letter;
  }
  if (cell !== '' || row.length > 0) endRow();
  return rows;
}

/** What a parser is given and what it is held against. */
export interface LabelledLines {
  readonly lines: readonly string[];
  /** The true template of each line. */
  readonly templates: readonly string[];
}

/** Columns Content and EventTemplate of a Loghub `*_structured.csv` or `*_structured_corrected.csv`. */
export function readStructuredCsv(text: string): LabelledLines {
  const [header, ...rows] = parseCsv(text.replace(/^\uFEFF/, ''));
  const content = header?.indexOf('Content') ?? -1;
  const template = header?.indexOf('EventTemplate') ?? -1;
  if (content < 0 || template < 0) throw new Error('no columns Content and EventTemplate');
  return { lines: rows.map((row) => row[content] ?? ''), templates: rows.map((row) => row[template] ?? '') };
}
