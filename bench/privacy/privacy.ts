import { Value } from 'typebox/value';
import { createPrivacy, IngestConfig } from '../../ingest/index.ts';
import { type LogBatch, noMetrics } from '../../model/index.ts';
import { atLeast, type Bench, type BenchOptions, type BenchResult } from '../bench.ts';
import { measureRate } from '../measure-rate.ts';

export const privacyBench: Bench = {
  name: 'privacy',
  title: 'log lines of 120 bytes that pass the rules of privacy, a CPU second',
  run: measurePrivacy,
};

const count = 20_000;
const lineBytes = 120;
const everyRule = ['credential', 'jwt', 'token', 'private-key', 'card', 'email', 'iban', 'us-ssn', 'national-id', 'ip'];

const cleanLines: readonly ((index: number) => string)[] = [
  (i) =>
    `2026-11-25T12:00:0${i % 10}.123Z INFO  [cart-7f9c${i % 100}] handled GET /api/v1/items/${i} in ${i % 90}ms status=200`,
  (i) =>
    `{"ts":"2026-11-25T12:00:00.${i % 1000}Z","level":"warn","logger":"o.s.w.s","msg":"slow query, took ${i % 5000} ms"}`,
  (i) =>
    `E1125 12:00:00.${100_000 + i} 1 reflector.go:147] pkg/client: Failed to watch *v1.Pod: timeout on node-${i % 9}`,
];

async function measurePrivacy({ quick, say }: BenchOptions): Promise<BenchResult> {
  const clean = logsOf((index) => cleanLines[index % cleanLines.length](index));
  const dirty = logsOf((index) =>
    index % 100 === 0 ? `login of ann password=hunter${index} refused` : cleanLines[index % cleanLines.length](index),
  );
  const rate = async (what: string, privacy: object, batch: LogBatch) => {
    const lines = await linesPerCpuSecond(privacy, batch, quick);
    say(`${what}: ${(lines / 1e6).toFixed(2)} M lines a CPU second`);
    return lines;
  };
  const byDefault = await rate('default rules, nothing to mask', {}, clean);
  return {
    figures: {
      cleanLinesPerCpuSecond: byDefault,
      oneInAHundredLinesPerCpuSecond: await rate('default rules, a secret in one of a hundred', {}, dirty),
      everyRuleLinesPerCpuSecond: await rate('every rule', { rules: everyRule }, clean),
      ownPatternLinesPerCpuSecond: await rate('default rules and a pattern of the user', { patterns: [own] }, clean),
    },
    baselines: {},
    bars: [atLeast('clean lines a CPU second with the default rules', byDefault, 1_000_000)],
  };
}

const own = { name: 'own', pattern: 'KD-[0-9]{6}' };

async function linesPerCpuSecond(privacy: object, batch: LogBatch, quick: boolean): Promise<number> {
  const config = Value.Parse(IngestConfig, Value.Default(IngestConfig, { privacy }));
  const { batch: pass } = createPrivacy({ config, metrics: noMetrics });
  const work = () => {
    pass(batch);
    return batch.count;
  };
  const { perCpuSecond } = await measureRate(work, quick ? { trials: 1, seconds: 0.3 } : { trials: 5, seconds: 1 });
  return perCpuSecond;
}

function logsOf(textOf: (index: number) => string): LogBatch {
  const text = Array.from({ length: count }, (_, index) => textOf(index).padEnd(lineBytes, ' ok').slice(0, lineBytes));
  return {
    kind: 'logs',
    count,
    series: new Uint32Array(count),
    timesMs: new Float64Array(count),
    severities: new Uint8Array(count),
    bodies: {
      offsets: Uint32Array.from({ length: count + 1 }, (_, index) => index * lineBytes),
      bytes: Buffer.from(text.join('')),
    },
    traceIds: new Uint8Array(16 * count),
    spanIds: new Uint8Array(8 * count),
  };
}
