import { Ajv, type ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';
import type { TObject, TSchema } from 'typebox';
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { ConfigProblem } from './config-problem.ts';
import { readEnvironment } from './read-environment.ts';

export interface ConfigSources {
  readonly file?: { readonly name: string; readonly text: string };
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** From the command line: dotted path to value; they win. */
  readonly overrides?: Readonly<Record<string, unknown>>;
  /** By the setting `profile`: dotted path to the value where nothing else gives one. */
  readonly profiles?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface LoadedConfig {
  /** Complete with defaults; only to be used if there are no problems. */
  readonly value: unknown;
  readonly problems: readonly ConfigProblem[];
  /** Where a setting comes from: `kybern.yaml:12`, `environment KYBERN_MODE`, `command line`, `defaults`. */
  whereIs(path: readonly string[]): string;
}

type Tree = Record<string, unknown>;

/** For one check of a schema of our own: what would make many checks quicker takes longer than it. */
const ajvOptions = {
  allErrors: true,
  strict: false,
  allowUnionTypes: true,
  verbose: true,
  code: { optimize: false },
  meta: false,
  validateSchema: false,
} as const;

/**
 * File, then environment, then command line, over the schema's defaults. Unknown keys are refused and all problems are
 * told at once, each with its line or variable.
 */
export function loadConfig(schema: TObject, sources: ConfigSources): LoadedConfig {
  const problems: ConfigProblem[] = [];
  const lines = new LineCounter();
  const fileName = sources.file?.name ?? 'configuration';
  const document = parseDocument(sources.file?.text ?? '', { lineCounter: lines, uniqueKeys: true });
  for (const error of document.errors) {
    problems.push({
      where: `${fileName}:${error.linePos?.[0].line ?? 1}`,
      path: '',
      message: firstLine(error.message),
    });
  }
  const parsed: unknown = problems.length === 0 ? (document.toJS() ?? {}) : {};
  const value: Tree = isTree(parsed) ? parsed : {};
  if (!isTree(parsed)) problems.push({ where: `${fileName}:1`, path: '', message: 'must be a mapping of settings' });

  const origins = new Map<string, string>();
  const environment = readEnvironment(schema, sources.environment);
  for (const problem of environment.problems) problems.push(problem);
  for (const setting of environment.settings) {
    setAt(value, setting.path, setting.value);
    origins.set(setting.path.join('.'), `environment ${setting.variable}`);
  }
  for (const [path, override] of Object.entries(sources.overrides ?? {})) {
    setAt(value, path.split('.'), override);
    origins.set(path, `command line`);
  }

  const profile = typeof value.profile === 'string' ? sources.profiles?.[value.profile] : undefined;
  for (const [path, preset] of Object.entries(profile ?? {})) setDefault(value, path.split('.'), preset);

  const complete = withDefaults(schema, value);
  const validate = addFormats.default(new Ajv(ajvOptions)).compile(schema);
  if (!validate(complete)) {
    for (const error of validate.errors ?? []) {
      const path = pathOf(error);
      problems.push({
        where: whereIs(path),
        path: path.join('.'),
        message: wordsFor(error),
      });
    }
  }
  return { value: complete, problems, whereIs };

  function whereIs(path: readonly string[]): string {
    return origins.get(path.join('.')) ?? lineOf(path);
  }

  function lineOf(path: readonly string[]): string {
    for (let length = path.length; length > 0; length--) {
      const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
      const pair = isMap(parent)
        ? parent.items.find((item) => isScalar(item.key) && item.key.value === path[length - 1])
        : undefined;
      const node: unknown = pair?.key ?? document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return `${fileName}:${lines.linePos(node.range[0]).line}`;
    }
    return sources.file === undefined ? 'defaults' : `${fileName}:1`;
  }
}

/** The value with every absent property that has a default filled in, sections included. */
export function withDefaults(schema: TSchema, value: unknown): unknown {
  const properties = (schema as { properties?: Record<string, TSchema> }).properties;
  const items = (schema as { items?: TSchema }).items;
  if (items !== undefined && Array.isArray(value)) return value.map((item) => withDefaults(items, item));
  if (properties === undefined || !isTree(value)) return value;
  const required = new Set((schema as { required?: string[] }).required ?? []);
  const complete: Tree = { ...value };
  for (const [name, property] of Object.entries(properties)) {
    const fallback = (property as { default?: unknown }).default;
    if (complete[name] === undefined && fallback !== undefined) complete[name] = structuredClone(fallback);
    if (complete[name] === undefined && required.has(name) && isSection(property)) complete[name] = {};
    if (complete[name] !== undefined) complete[name] = withDefaults(property, complete[name]);
    else delete complete[name];
  }
  return complete;
}

function isSection(schema: TSchema): boolean {
  return (schema as { properties?: unknown }).properties !== undefined;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function setAt(tree: Tree, path: readonly string[], value: unknown): void {
  let here = tree;
  for (const name of path.slice(0, -1)) {
    const next = here[name];
    here[name] = isTree(next) ? next : {};
    here = here[name] as Tree;
  }
  here[path[path.length - 1]] = value;
}

/** What is there stays, be it wrong: that is told later. */
function setDefault(tree: Tree, [name, ...rest]: readonly string[], value: unknown): void {
  const here = tree[name];
  if (rest.length === 0) tree[name] = here ?? value;
  else if (here === undefined || here === null) setAt(tree, [name, ...rest], value);
  else if (isTree(here)) setDefault(here, rest, value);
}

function pathOf(error: ErrorObject): string[] {
  const path = error.instancePath.split('/').slice(1);
  const extra = error.params as { additionalProperty?: string; missingProperty?: string };
  const last = extra.additionalProperty ?? extra.missingProperty;
  return last === undefined ? path : [...path, last];
}

function wordsFor(error: ErrorObject): string {
  if (error.keyword === 'additionalProperties') {
    const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
    return `there is no such setting${known.length > 0 ? `; here are: ${known.join(', ')}` : ''}`;
  }
  if (error.keyword === 'minProperties') {
    const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
    return `must say at least one of: ${known.join(', ')}`;
  }
  if (error.keyword === 'enum')
    return `must be one of ${(error.params as { allowedValues: unknown[] }).allowedValues.join(', ')}`;
  return error.message ?? 'is not valid';
}

function firstLine(text: string): string {
  return text.split('\n')[0];
}
