import { Value } from 'typebox/value';
import { IngestConfig, type IngestLimits } from '../config.ts';

/** The section with its defaults, and some limits changed. */
export function ingestConfig(limits: Partial<IngestLimits> = {}): IngestConfig {
  const config = Value.Parse(IngestConfig, Value.Default(IngestConfig, {}));
  return { ...config, limits: { ...config.limits, ...limits } };
}
