import { Value } from 'typebox/value';
import { type LogBatch, noMetrics } from '../../../model/index.ts';
import { createMasker, type Masker } from '../masker.ts';
import { PrivacyConfig } from '../privacy-config.ts';

/** The section with its defaults, and some of it changed. */
export function privacyConfig(changed: Partial<PrivacyConfig> = {}): PrivacyConfig {
  return { ...Value.Parse(PrivacyConfig, Value.Default(PrivacyConfig, {})), ...changed };
}

export function maskerOf(changed: Partial<PrivacyConfig> = {}): Masker {
  return createMasker(privacyConfig(changed), noMetrics);
}

/** Log records with these bodies. */
export function logsOf(...texts: readonly string[]): LogBatch {
  const bodies = texts.map((text) => Buffer.from(text));
  const offsets = new Uint32Array(texts.length + 1);
  for (const [row, body] of bodies.entries()) offsets[row + 1] = offsets[row] + body.length;
  return {
    kind: 'logs',
    count: texts.length,
    series: Uint32Array.from(texts, (_, row) => row),
    timesMs: new Float64Array(texts.length),
    severities: new Uint8Array(texts.length),
    bodies: { offsets, bytes: Buffer.concat(bodies) },
    traceIds: new Uint8Array(16 * texts.length),
    spanIds: new Uint8Array(8 * texts.length),
  };
}
