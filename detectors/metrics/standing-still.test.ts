import { expect, test } from 'vitest';
import type { SeriesIdentity } from '../../model/index.ts';
import { play, startMs } from '../testing/synthetic.ts';
import { createWorkbench, defaultConfig } from '../testing/workbench.ts';
import type { SignalRule } from './signal-rules.ts';

const minuteMs = 60_000;
const stillMinutes = 1500;

/** A day at one value, then twenty minutes at another: how often that was told. */
async function toldOf(
  series: Partial<SeriesIdentity> & { name: string },
  [before, then]: readonly [number, number],
  ...signals: SignalRule[]
): Promise<number> {
  const config = defaultConfig();
  const { catalog, detectors } = createWorkbench({
    config: { ...config, metrics: { ...config.metrics, signals } },
  });
  const labels = [['service.name', 'shop'], ...(series.labels ?? [])] as SeriesIdentity['labels'];
  const id = catalog.intern({ kind: 'gauge', unit: '', origin: 'received', ...series, labels });
  let total = 0;
  const { told } = await play(detectors, id, { count: stillMinutes + 20, intervalMs: minuteMs }, (tick) => {
    const value = tick < stillMinutes ? before : then;
    total += value;
    return series.kind === 'counter' ? total : value;
  });
  for (const { onset } of told) expect(Date.parse(onset)).toBeGreaterThanOrEqual(startMs + stillMinutes * minuteMs);
  return told.filter(({ state }) => state === 'firing').length;
}

test('a counter that never counted is told when it does, and one event is not', async () => {
  expect(await toldOf({ name: 'dead_letters_total', kind: 'counter' }, [0, 300])).toBe(1);
  expect(await toldOf({ name: 'payments_declined_total', kind: 'counter' }, [0, 1])).toBe(0);
});

test('a gauge that stood still is told when it changes if a rule asks for it, and is a setting otherwise', async () => {
  const temperature = { name: 'node_hwmon_temp_celsius' };
  const match = { metrics: ['node_hwmon_*'] };
  expect(await toldOf(temperature, [45, 95])).toBe(0);
  expect(await toldOf(temperature, [45, 95], { match, minimumAbsolute: 5 })).toBe(0);
  expect(await toldOf(temperature, [45, 95], { match, direction: 'up' })).toBe(1);
  expect(await toldOf(temperature, [45, 95], { match, score: true, minimumAbsolute: 5 })).toBe(1);
  expect(await toldOf(temperature, [45, 49], { match, score: true, minimumAbsolute: 5 })).toBe(0);
  expect(await toldOf({ name: 'default_pool_size' }, [10, 20])).toBe(0);
});

test.each([
  { name: 'probe_success' },
  { name: 'etcd_server_has_leader' },
  { name: 'mysql_slave_status_slave_sql_running' },
  { name: 'kube_node_status_condition', labels: [['condition', 'Ready'] as const, ['status', 'true'] as const] },
])('$name says health: it is told when it falls to 0, however long it was 1', async (series) => {
  expect(await toldOf(series, [1, 0])).toBe(1);
  expect(await toldOf(series, [0, 1])).toBe(0);
});
