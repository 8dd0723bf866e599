import { RE2JS } from 're2js';
import { type ClusterBatch, KybernError, type LogBatch, type Metrics, type SignalBatch } from '../../model/index.ts';
import { builtInRules } from './built-in-rules.ts';
import type { PrivacyConfig } from './privacy-config.ts';

export interface Masker {
  /** The text with every match replaced by `<rule>`. */
  text(text: string): string;
  /** The batch with log bodies and messages of events masked: the same object where there was nothing to mask. */
  batch(batch: SignalBatch): SignalBatch;
}

type Rule = (text: string) => string;

/** Matches are counted by rule and never told. Throws KYBERN_CONFIG where an own pattern is not RE2 syntax. */
export function createMasker(config: PrivacyConfig, metrics: Metrics): Masker {
  const masked = metrics.counter('kybern_ingest_masked_total', 'Matches masked, by rule.', ['rule']);
  const rules: Rule[] = [
    ...config.rules.map((rule) => builtIn(rule)),
    ...config.patterns.map(({ name, pattern }) => own(name, pattern)),
  ];

  function builtIn(rule: PrivacyConfig['rules'][number]): Rule {
    const { pattern, isReal = () => true } = builtInRules[rule];
    return (text) =>
      text.replace(pattern, (match: string, before: unknown) => {
        if (!isReal(match)) return match;
        masked.add(1, { rule });
        return `${typeof before === 'string' ? before : ''}<${rule}>`;
      });
  }

  function own(rule: string, pattern: string): Rule {
    const compiled = compile(rule, pattern);
    return (text) => {
      const matcher = compiled.matcher(text);
      let result = '';
      let at = 0;
      while (matcher.find()) {
        // An empty match has nothing to hide.
        if (matcher.end() === matcher.start()) continue;
        masked.add(1, { rule });
        result += `${text.slice(at, matcher.start())}<${rule}>`;
        at = matcher.end();
      }
      return at === 0 ? text : result + text.slice(at);
    };
  }

  const mask = (text: string): string => rules.reduce((result, rule) => rule(result), text);

  function logs(batch: LogBatch): LogBatch {
    if (rules.length === 0 || batch.count === 0) return batch;
    const { offsets, bytes } = batch.bodies;
    const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const changed = new Map<number, Buffer>();
    for (let row = 0; row < batch.count; row++) {
      const body = source.toString('utf8', offsets[row], offsets[row + 1]);
      const result = mask(body);
      if (result !== body) changed.set(row, Buffer.from(result));
    }
    return changed.size === 0 ? batch : { ...batch, bodies: withChanged(batch, source, changed) };
  }

  function events(batch: ClusterBatch): ClusterBatch {
    const masked = batch.events.map((event) => {
      const message = mask(event.message);
      return message === event.message ? event : { ...event, message };
    });
    return masked.every((event, index) => event === batch.events[index]) ? batch : { ...batch, events: masked };
  }

  return {
    text: mask,
    batch: (batch) => (batch.kind === 'logs' ? logs(batch) : batch.kind === 'cluster' ? events(batch) : batch),
  };
}

function withChanged(batch: LogBatch, source: Buffer, changed: ReadonlyMap<number, Buffer>): LogBatch['bodies'] {
  const { offsets } = batch.bodies;
  const moved = new Uint32Array(batch.count + 1);
  const parts: Buffer[] = [];
  for (let row = 0; row < batch.count; row++) {
    const part = changed.get(row) ?? source.subarray(offsets[row], offsets[row + 1]);
    parts.push(part);
    moved[row + 1] = moved[row] + part.length;
  }
  return { offsets: moved, bytes: Buffer.concat(parts) };
}

function compile(name: string, pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (cause) {
    throw new KybernError('KYBERN_CONFIG', `ingest.privacy.patterns: ${name} is not RE2 syntax`, { cause });
  }
}
