import type { TObject, TSchema } from 'typebox';
import { parse } from 'yaml';
import type { ConfigProblem } from './config-problem.ts';

export interface EnvironmentSetting {
  readonly variable: string;
  readonly path: readonly string[];
  readonly value: unknown;
}

/** Variables that steer tools beside the configuration. */
const notSettings = new Set(['KYBERN_DATASETS', 'KYBERN_STAND', 'KYBERN_CONFIG']);

/** The variable of a setting: `server.port` -> `KYBERN_SERVER__PORT`, `dataDir` -> `KYBERN_DATA_DIR`. */
export function variableOf(path: readonly string[]): string {
  return `KYBERN_${path.map((name) => name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()).join('__')}`;
}

/** Reads `KYBERN_...` variables: `__` divides sections; values are YAML scalars or flow collections. */
export function readEnvironment(
  schema: TObject,
  environment: Readonly<Record<string, string | undefined>>,
): { settings: EnvironmentSetting[]; problems: ConfigProblem[] } {
  const byVariable = new Map(settingPaths(schema).map((path) => [variableOf(path), path]));
  const settings: EnvironmentSetting[] = [];
  const problems: ConfigProblem[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith('KYBERN_') || notSettings.has(variable) || text === undefined) continue;
    const path = byVariable.get(variable);
    if (path === undefined) {
      problems.push({ where: `environment ${variable}`, path: '', message: 'there is no such setting' });
      continue;
    }
    try {
      settings.push({ variable, path, value: parse(text) });
    } catch {
      problems.push({ where: `environment ${variable}`, path: path.join('.'), message: 'is not a YAML value' });
    }
  }
  return { settings, problems };
}

/** Every setting and section of a schema, as a path. */
export function settingPaths(schema: TSchema, at: readonly string[] = []): string[][] {
  const properties = (schema as { properties?: Record<string, TSchema> }).properties;
  if (properties === undefined) return [];
  return Object.entries(properties).flatMap(([name, property]) => [
    [...at, name],
    ...settingPaths(property, [...at, name]),
  ]);
}
