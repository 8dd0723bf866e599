import { readFileSync } from 'node:fs';
import { checkOperatorTimes, contradictionsIn } from '../../detectors/index.ts';
import { KybernError, toEpochMs } from '../../model/index.ts';
import type { ConfigProblem } from './config-problem.ts';
import { KybernConfig } from './kybern-config.ts';
import { loadConfig } from './load-config.ts';
import { profiles } from './profiles.ts';

export interface ConfigRequest {
  /** Path of the file; undefined: defaults, environment and command line alone. */
  readonly path?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly overrides?: Readonly<Record<string, unknown>>;
}

/** Thrown for a configuration with problems; its detail lists all of them, a line each. */
export class ConfigError extends KybernError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super('KYBERN_CONFIG', problems.map(describeProblem).join('\n'));
    this.problems = problems;
  }
}

/** A configuration that holds, and what in it is of no use any more. */
export interface ReadConfig {
  readonly config: KybernConfig;
  readonly warnings: readonly ConfigProblem[];
}

/** The complete configuration. Throws {@link ConfigError}, or KYBERN_CONFIG where the file cannot be read. */
export function readConfig(request: ConfigRequest): KybernConfig {
  return readWithWarnings(request, Number.NEGATIVE_INFINITY).config;
}

/** The same, with what is past at this moment. Throws as {@link readConfig} does. */
export function readWithWarnings(request: ConfigRequest, nowMs: number): ReadConfig {
  const { value, problems, whereIs } = loadConfig(KybernConfig, {
    ...(request.path === undefined ? {} : { file: { name: request.path, text: readText(request.path) } }),
    environment: request.environment,
    profiles,
    ...(request.overrides === undefined ? {} : { overrides: request.overrides }),
  });
  if (problems.length > 0) throw new ConfigError(problems);
  // The schema was just checked against it.
  const config = value as KybernConfig;
  const contradictions = contradictionsIn(config.detectors).map(({ path, message }) => {
    const whole = ['detectors', ...path];
    return { where: whereIs(whole), path: whole.join('.'), message };
  });
  if (contradictions.length > 0) throw new ConfigError(contradictions);
  checkOperatorTimes(config.detectors);
  return { config, warnings: pastWindows(config, nowMs, whereIs) };
}

/** Maintenance windows that are wholly over: whoever wrote them may have meant another year. */
function pastWindows(
  { detectors }: KybernConfig,
  nowMs: number,
  whereIs: (path: readonly string[]) => string,
): ConfigProblem[] {
  return detectors.policy.maintenance.flatMap(({ to }, at) => {
    if (to === undefined || toEpochMs(to) > nowMs) return [];
    const path = ['detectors', 'policy', 'maintenance', String(at)];
    const message = `this maintenance window is over since ${to}: it has no effect any more`;
    return [{ where: whereIs(path), path: `detectors.policy.maintenance[${at}]`, message }];
  });
}

export function describeProblem({ where, path, message }: ConfigProblem): string {
  return path === '' ? `${where}: ${message}` : `${where}: ${path}: ${message}`;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new KybernError('KYBERN_CONFIG', `${path} cannot be read`, { cause: error });
  }
}
