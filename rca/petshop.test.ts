import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPetshop } from '../datasets/recordings/petshop.ts';
import { type Anomaly, noMetrics, type RcaInput, type SampleBatch, toTimestamp } from '../model/index.ts';
import { createRca } from './create-rca.ts';
import { createTestCatalog } from './testing/test-catalog.ts';
import { lastOf, testConfig } from './testing/toy-cluster.ts';

const real = join(process.env.KYBERN_DATASETS ?? '../shared/datasets', 'rca/petshop');
const nothing: RcaInput = { samples: [], calls: [], cluster: [], anomalies: [], slos: [] };

/** Ranks of the labelled services, 0 where not named: the symptom is given, as the set's task is. */
async function ranksOf(scenario: string): Promise<number[]> {
  const recording = await openPetshop(join(real, scenario));
  const catalog = createTestCatalog();
  const rca = createRca({ catalog, metrics: noMetrics, config: testConfig() });
  const ranks: number[] = [];
  const idOf = new Map<string, number>();
  let waiting = [...recording.labels];
  let told: Anomaly | undefined;
  let latest: ReturnType<typeof rca.advance>[number][] = [];
  const conclude = (endMs: number) => {
    if (told === undefined) return;
    rca.observe({ ...nothing, anomalies: [{ ...told, state: 'cleared', revision: 2, clearedAt: toTimestamp(endMs) }] });
    latest.push(...rca.advance(endMs + 60_000));
    const service = waiting[0].service;
    const causes = lastOf(latest).at(-1)?.diagnosis.causes ?? [];
    ranks.push(1 + causes.findIndex((cause) => cause.entity.name === service));
    told = undefined;
    latest = [];
    waiting = waiting.slice(1);
  };
  for await (const frame of recording.frames()) {
    if (waiting[0] !== undefined && frame.atMs > waiting[0].endMs) conclude(waiting[0].endMs);
    const ids = frame.metrics.map((point) => {
      const labels = Object.entries({ ...point.resource, ...point.attributes });
      const key = `${point.name} ${labels.join()}`;
      const known = idOf.get(key);
      if (known !== undefined) return known;
      const id = catalog.intern({ name: point.name, kind: point.kind, unit: point.unit, origin: 'received', labels });
      idOf.set(key, id);
      return id;
    });
    const batch: SampleBatch = {
      kind: 'samples',
      count: ids.length,
      series: Uint32Array.from(ids),
      timesMs: new Float64Array(ids.length).fill(frame.atMs),
      values: Float64Array.from(frame.metrics.map((point) => point.value)),
    };
    rca.observe({ ...nothing, samples: [batch] });
    const [label] = waiting;
    if (label !== undefined && told === undefined && frame.atMs >= label.startMs - 300_000) {
      const [metric, node] = label.cause!.split(' of ');
      const name = metric === 'latency' ? 'service.latency.average' : 'service.availability';
      const id = catalog.intern({
        name,
        kind: 'gauge',
        unit: '',
        origin: 'received',
        labels: [['service.name', node]],
      });
      const { fingerprint, entity } = catalog.get(id);
      const onset = toTimestamp(Math.min(frame.atMs, label.startMs));
      const figures = { observed: 0, expected: 0, lower: 0, upper: 0, unit: '', score: 9, severity: 1 };
      told = {
        ...{ id: `given-${ranks.length}`, revision: 1, state: 'firing', entity, series: fingerprint, metric: name },
        ...{ signal: metric === 'latency' ? 'latency' : 'errors', detector: 'slo', onset, detectedAt: onset },
        ...figures,
        reason: 'given with the data',
      };
      rca.observe({ ...nothing, anomalies: [told] });
    }
    latest.push(...rca.advance(frame.atMs));
  }
  conclude(recording.endMs);
  return ranks;
}

describe.skipIf(!existsSync(real))('PetShop, symptom given', () => {
  it('ranks the service at fault first in most issues that have a reference', async () => {
    const scenarios = ['low_traffic', 'high_traffic', 'temporal_traffic1', 'temporal_traffic2'];
    const ranks: Record<string, number[]> = {};
    for (const scenario of scenarios) ranks[scenario] = await ranksOf(scenario);
    const share = (all: readonly number[], k: number) =>
      all.filter((rank) => rank >= 1 && rank <= k).length / all.length;
    const all = Object.values(ranks).flat();
    const referenced = [...ranks.low_traffic, ...ranks.high_traffic];
    const lines = scenarios.map((name) => `${name}: ranks ${ranks[name].join(' ')}`);
    lines.push(`AC@1 ${share(all, 1).toFixed(3)} AC@3 ${share(all, 3).toFixed(3)} of ${all.length}`);
    process.stdout.write(`${lines.join('\n')}\n`);
    expect(share(referenced, 3)).toBeGreaterThanOrEqual(0.8);
  });
});
