import type { TSchema } from 'typebox';
import { variableOf } from './read-environment.ts';

interface DescribedSchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly items?: TSchema;
}

/** Every setting as Markdown: path, type, default, what it is for, and its environment variable. */
export function documentConfig(schema: TSchema): string {
  const lines = [
    '# Configuration',
    '',
    'Settings come from the file, then from the environment, then from the command line. Unknown keys are refused.',
    '`kybern config check` tells every error at once; `kybern config print` shows what is in force.',
  ];
  const root = schema as DescribedSchema;
  const plain = Object.entries(root.properties ?? {}).filter(([, property]) => !isSection(property));
  const sections = Object.entries(root.properties ?? {}).filter(([, property]) => isSection(property));
  lines.push('', ...tableOf(plain.map(([name, property]) => ({ path: [name], schema: property as DescribedSchema }))));
  for (const [name, section] of sections) {
    lines.push(
      '',
      `## ${name}`,
      '',
      (section as DescribedSchema).description ?? '',
      '',
      ...tableOf(settingsOf(section, [name])),
    );
  }
  return `${lines.join('\n')}\n`;
}

interface Setting {
  readonly path: readonly string[];
  readonly schema: DescribedSchema;
}

function settingsOf(schema: TSchema, path: readonly string[]): Setting[] {
  return Object.entries((schema as DescribedSchema).properties ?? {}).flatMap(([name, property]) =>
    isSection(property)
      ? settingsOf(property, [...path, name])
      : [{ path: [...path, name], schema: property as DescribedSchema }],
  );
}

function tableOf(settings: readonly Setting[]): string[] {
  return [
    '| setting | type | default | meaning | environment |',
    '|---|---|---|---|---|',
    ...settings.map(({ path, schema }) => {
      const fallback = schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``;
      return `| \`${path.join('.')}\` | ${typeOf(schema)} | ${fallback} | ${schema.description ?? ''} | \`${variableOf(path)}\` |`;
    }),
  ];
}

function typeOf(schema: DescribedSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ');
  const range = [
    schema.minimum === undefined ? '' : ` ≥ ${schema.minimum}`,
    schema.maximum === undefined ? '' : ` ≤ ${schema.maximum}`,
  ].join('');
  if (schema.type === 'array') {
    const item = (schema.items ?? {}) as DescribedSchema;
    const fields = Object.keys(item.properties ?? {});
    return `list of ${fields.length > 0 ? `{${fields.join(', ')}}` : (item.type ?? 'values')}`;
  }
  return `${schema.type ?? 'any'}${range}`;
}

function isSection(schema: TSchema): boolean {
  return (schema as DescribedSchema).properties !== undefined;
}
