import { createEngine, createLogger, createPrometheusMetrics, type Engine, systemClock } from '../../engine/index.ts';

type EngineParts = Parameters<typeof createEngine>[0];

/** An engine in this process, whose defects fail the test. */
export function openEngine(
  config: EngineParts['config'],
  parts: Partial<Omit<EngineParts, 'config'>> = {},
): Promise<Engine> {
  return createEngine({
    config,
    clock: systemClock,
    metrics: createPrometheusMetrics({ processMetrics: false, version: 'test' }),
    logger: createLogger({ level: 'error', toStandardError: true }),
    slos: [],
    failed: (where, error) => {
      throw new Error(`defect in ${where}`, { cause: error });
    },
    ...parts,
  });
}
