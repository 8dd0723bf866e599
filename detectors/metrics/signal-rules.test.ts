import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { createRandom, type SeriesIdentity, toEpochMs } from '../../model/index.ts';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import { createNoise, play, podGauge, startMs } from '../testing/synthetic.ts';
import { createWorkbench, defaultConfig } from '../testing/workbench.ts';
import { createSignalProfiles, SignalRule } from './signal-rules.ts';

function profileOf(identity: Partial<SeriesIdentity> & { name: string }, ...signals: SignalRule[]) {
  const catalog = createMemoryCatalog();
  const id = catalog.intern({ labels: [], kind: 'gauge', unit: '', origin: 'received', ...identity });
  const profiles = createSignalProfiles({
    signals,
    minimumRelativeDeviation: 0.2,
    burstSeconds: 180,
    acceptShiftSeconds: 1800,
    silenceSeconds: 600,
  });
  return profiles(catalog.get(id));
}

test('without a rule names and units tell', () => {
  expect(profileOf({ name: 'memory_bytes' })).toMatchObject({ signal: 'memory', missing: 'usual', silenceMs: 600_000 });
  expect(profileOf({ name: 'memory_bytes' })!.relativeUp).toBeCloseTo(0.15);
});

test('a rule changes what it gives and nothing else', () => {
  const usual = profileOf({ name: 'memory_bytes' })!;
  const ruled = profileOf(
    { name: 'memory_bytes' },
    { match: { metrics: ['memory_*'] }, direction: 'both', minimumRelative: 0.5, missing: 'alarm', silenceSeconds: 60 },
  );
  expect(ruled).toEqual({
    ...usual,
    direction: 0,
    relativeUp: 0.5,
    relativeDown: 0.5,
    missing: 'alarm',
    silenceMs: 60_000,
  });
});

test('series that are judged alike share one profile', () => {
  const catalog = createMemoryCatalog();
  const profiles = createSignalProfiles({
    signals: [],
    minimumRelativeDeviation: 0.2,
    burstSeconds: 180,
    acceptShiftSeconds: 1800,
    silenceSeconds: 600,
  });
  const of = (name: string, pod: string) => profiles(catalog.get(catalog.intern(podGauge(name, pod, 'By'))));
  expect(of('memory_bytes', 'a')).toBe(of('memory_bytes', 'b'));
  expect(of('memory_bytes', 'a')).not.toBe(of('cpu_usage', 'a'));
});

test('the first rule that matches counts', () => {
  const rules: SignalRule[] = [
    { match: { metrics: ['orders'], labels: { team: 'a' } }, minimumAbsolute: 1 },
    { match: { metrics: ['orders'] }, minimumAbsolute: 2 },
  ];
  expect(profileOf({ name: 'orders', labels: [['team', 'a']] }, ...rules)).toMatchObject({ minimumAbsolute: 1 });
  expect(profileOf({ name: 'orders', labels: [['team', 'b']] }, ...rules)).toMatchObject({ minimumAbsolute: 2 });
});

test('a rule can leave a series out, and have one scored that looks like a setting', () => {
  expect(profileOf({ name: 'orders' }, { match: {}, score: false })).toBeUndefined();
  expect(profileOf({ name: 'queue_limit' })).toBeUndefined();
  expect(profileOf({ name: 'queue_limit' }, { match: {}, minimumAbsolute: 1 })).toBeUndefined();
  expect(profileOf({ name: 'queue_limit' }, { match: {}, score: true })).toBeDefined();
});

test('a bucket is no value by itself, whatever a rule says', () => {
  const bucket = { name: 'seconds_bucket', labels: [['le', '1']] } as const;
  expect(profileOf({ ...bucket, labels: [...bucket.labels] }, { match: {}, score: true })).toBeUndefined();
});

test('what a rule may say is checked', () => {
  expect(Value.Check(SignalRule, { match: { metrics: ['a'] }, missing: 'alarm', silenceSeconds: 30 })).toBe(true);
  const match = { metrics: ['*'] };
  for (const wrong of [{ missing: 'zero' }, { silenceSeconds: 0 }, { minimum: 1 }, { match: {} }, { match: undefined }])
    expect(Value.Check(SignalRule, { match, ...wrong }), JSON.stringify(wrong)).toBe(false);
});

const minuteMs = 60_000;
const measured = podGauge('orders_open', 'cart-1', '');

function settings(...signals: SignalRule[]) {
  const config = defaultConfig();
  return { ...config, metrics: { ...config.metrics, signals } };
}

/** Two hours, silence from minute 60 to 80. */
async function toldWith(...signals: SignalRule[]) {
  const { catalog, detectors } = createWorkbench({ config: settings(...signals) });
  const noise = createNoise(createRandom(3));
  const { told } = await play(detectors, catalog.intern(measured), { count: 120, intervalMs: minuteMs }, (tick) =>
    tick >= 60 && tick < 80 ? Number.NaN : 100 + 2 * noise(),
  );
  return told;
}

test("a young pod's silence is told only where a rule says so, and is over when it is back", async () => {
  expect(await toldWith()).toEqual([]);
  const told = await toldWith({ match: {}, missing: 'alarm', silenceSeconds: 240 });
  expect(told.map(({ state }) => state)).toEqual(['firing', 'cleared']);
  expect(told[0]!.reason).toContain('has vanished');
  expect((toEpochMs(told[0]!.detectedAt) - startMs) / minuteMs).toBeLessThanOrEqual(66);
  expect(await toldWith({ match: {}, missing: 'ignore' })).toEqual([]);
});

test('of a time or a description that a rule has an alarm for, the silence is told and the value is not scored', async () => {
  const seen = async (name: string, ...signals: SignalRule[]) => {
    const { catalog, detectors } = createWorkbench({ config: settings(...signals) });
    const id = catalog.intern({ ...measured, name });
    const played = await play(detectors, id, { count: 120, intervalMs: minuteMs }, (tick) =>
      tick >= 60 && tick < 80 ? Number.NaN : tick < 40 ? 1000 : 9000 + 100 * tick,
    );
    return { bands: played.bands, told: played.told.map(({ state, reason }) => `${state} ${/vanished/.test(reason)}`) };
  };
  const alarm: SignalRule = { match: {}, missing: 'alarm', silenceSeconds: 240 };
  for (const name of ['job_last_success_timestamp_seconds', 'backup_info', 'queue_limit']) {
    expect(await seen(name, alarm), name).toEqual({ bands: [], told: ['firing true', 'cleared true'] });
    expect(await seen(name, { ...alarm, missing: 'usual' }), name).toEqual({ bands: [], told: [] });
    expect(await seen(name, { ...alarm, score: false }), name).toEqual({ bands: [], told: [] });
  }
});

test('a series that a rule has left out since the state was saved ends, and others go on', async () => {
  const catalog = createMemoryCatalog();
  const [left, kept] = [catalog.intern(measured), catalog.intern(podGauge('orders_open', 'cart-2', ''))];
  const before = createWorkbench({ catalog, config: settings() });
  for (const series of [left, kept])
    await play(before.detectors, series, { count: 60, intervalMs: minuteMs }, (tick) => 100 + (tick % 3));
  const after = createWorkbench({ catalog, config: settings({ match: { entities: ['cart-1'] }, score: false }) });
  expect(after.detectors.load(before.detectors.save())).toBe(true);
  expect(after.detectors.status().series).toBe(1);
  expect(after.detectors.seriesState?.(catalog.get(left).fingerprint)).toBeUndefined();
  expect(after.detectors.seriesState?.(catalog.get(kept).fingerprint)).toMatchObject({ samples: 60 });
});
