import type { TSchema } from 'typebox';
import { variableOf } from './read-environment.ts';

interface DescribedSchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, DescribedSchema>>;
  readonly required?: readonly string[];
  readonly items?: DescribedSchema;
}

interface Setting {
  readonly path: readonly string[];
  readonly schema: DescribedSchema;
}

/** Every setting as Markdown: path, type, default, what it is for, and its environment variable; the fields of a list's items below. */
export function documentConfig(schema: TSchema): string {
  const properties = Object.entries((schema as DescribedSchema).properties ?? {});
  const plain = properties
    .filter(([, property]) => !isSection(property))
    .map(([name, property]) => ({ path: [name], schema: property }));
  const sections = properties.filter(([, property]) => isSection(property));
  const lines = [
    '# Configuration',
    '',
    'Settings come from the file, then from the environment, then from the command line. Unknown keys are refused.',
    '`kybern config check` tells every error at once; `kybern config print` shows what is in force.',
    'A value in the environment is written as in YAML: `KYBERN_KUBERNETES__NAMESPACES=\'["shop", "pay"]\'`.',
    '',
    ...tablesOf(plain),
    ...sections.flatMap(([name, section]) => [
      '',
      `## ${name}`,
      '',
      section.description ?? '',
      '',
      ...tablesOf(settingsOf(section, [name])),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function settingsOf(schema: DescribedSchema, path: readonly string[]): Setting[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    isSection(property) ? settingsOf(property, [...path, name]) : [{ path: [...path, name], schema: property }],
  );
}

function tablesOf(settings: readonly Setting[]): string[] {
  return [
    '| setting | type | default | meaning | environment |',
    '|---|---|---|---|---|',
    ...settings.map(({ path, schema }) =>
      rowOf([code(path.join('.')), typeOf(schema), defaultOf(schema), meaningOf(schema), code(variableOf(path))]),
    ),
    ...settings.flatMap(({ path, schema }) => itemTableOf(path.join('.'), schema.items)),
  ];
}

function itemTableOf(path: string, item: DescribedSchema | undefined): string[] {
  if (item?.properties === undefined) return [];
  const required = new Set(item.required ?? []);
  return [
    '',
    `Fields of each item of \`${path}\`:`,
    '',
    '| field | type | default | meaning |',
    '|---|---|---|---|',
    ...settingsOf(item, []).map(({ path: field, schema }) => {
      const mustBeGiven = field.length === 1 && required.has(field[0]) && schema.default === undefined;
      return rowOf([
        code(field.join('.')),
        typeOf(schema),
        mustBeGiven ? 'must be given' : defaultOf(schema),
        meaningOf(schema),
      ]);
    }),
  ];
}

function typeOf(schema: DescribedSchema): string {
  if (schema.enum !== undefined) return schema.enum.map(code).join(', ');
  if (schema.type === 'array')
    return isSection(schema.items ?? {}) ? 'list, see below' : `list of ${schema.items?.type}`;
  if (schema.type === 'object') return 'mapping of names to values';
  const bounds = [
    schema.minimum === undefined ? '' : ` ≥ ${schema.minimum}`,
    schema.exclusiveMinimum === undefined ? '' : ` > ${schema.exclusiveMinimum}`,
    schema.maximum === undefined ? '' : ` ≤ ${schema.maximum}`,
  ];
  return `${schema.type ?? 'any'}${bounds.join('')}`;
}

function defaultOf(schema: DescribedSchema): string {
  return schema.default === undefined ? '' : code(JSON.stringify(schema.default));
}

function meaningOf(schema: DescribedSchema): string {
  return schema.description ?? '';
}

function isSection(schema: DescribedSchema): boolean {
  return schema.properties !== undefined;
}

function code(text: string): string {
  return `\`${text}\``;
}

// An unescaped | would end the cell, in code too.
function rowOf(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
