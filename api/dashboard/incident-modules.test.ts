import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Action, Anomaly, EntityRef, Incident, SeriesPoints, Topology } from '../../model/index.ts';
import { demoDecisions } from '../testing/demo-decisions.ts';
import { demoTopology, node, pod, service, workload } from '../testing/demo-entities.ts';

interface Owner {
  readonly key: string;
  readonly name: string;
}
type OwnerOf = (entity: EntityRef) => Owner;
interface Group {
  readonly owner: Owner;
  readonly first: Anomaly;
  readonly worst: Anomaly;
  readonly anomalies: readonly Anomaly[];
  readonly entities: number;
  readonly firing: boolean;
}
interface Moment {
  readonly at: string;
  readonly text: string;
  readonly main: boolean;
}
interface Drawn {
  readonly values: readonly (number | null)[];
  readonly lower: readonly (number | null)[];
  readonly upper: readonly (number | null)[];
  readonly unit: string;
}

const web = fileURLToPath(new URL('./web/js/', import.meta.url));
const load = async <T>(path: string): Promise<T> => (await import(join(web, path))) as T;
const { createOwners } = await load<{ createOwners: (topology: Topology) => OwnerOf }>('words/owners.js');
const { groupAnomalies } = await load<{
  groupAnomalies: (anomalies: readonly Anomaly[], ownerOf: OwnerOf, withinMs?: number) => Group[];
}>('incident/anomaly-groups.js');
const { momentsOf } = await load<{
  momentsOf: (incident: Incident, anomalies: readonly Anomaly[], actions: readonly Action[], of: OwnerOf) => Moment[];
}>('incident/moments.js');
const { chooseSeries } = await load<{
  chooseSeries: (incident: Incident, anomalies: readonly Anomaly[], cause: number, ownerOf: OwnerOf) => string[];
}>('incident/choose-series.js');
const { describeAnomaly, plainText } = await load<{
  describeAnomaly: (anomaly: Anomaly) => string;
  plainText: (text: string) => string;
}>('words/describe-anomaly.js');
const { plotted, heightOf, distinguishing } = await load<{
  plotted: (series: unknown) => Drawn;
  heightOf: (drawn: Drawn, limits: readonly number[]) => [number, number];
  distinguishing: (labels: SeriesPoints['labels']) => string;
}>('charts/plotted.js');

const onset = Date.UTC(2026, 5, 1, 12);
const { incidents, anomalies, actions } = demoDecisions(onset);
const [incident, [memory, latency]] = [incidents[0] as Incident, anomalies as [Anomaly, Anomaly]];
const ownerOf = createOwners(demoTopology(new Date(onset).toISOString()));
const after = (minutes: number) => new Date(onset + minutes * 60_000).toISOString();
/** The same signal deviating at another pod of cart, some minutes after the onset. */
const atPod = (name: string, minutes: number): Anomaly => ({
  ...memory,
  id: `anm-${name}-${minutes}`,
  series: name,
  entity: pod(name),
  onset: after(minutes),
});

describe('whom an entity belongs to', () => {
  test.each([
    ['a pod', pod('cart-6d9f7c-x2x9k'), 'cart'],
    ['a pod that is gone', pod('cart-5b8d4c7f9-abcde'), 'cart'],
    ['a workload', workload('cart'), 'cart'],
    ['a service', service('checkout'), 'checkout'],
    ['a pod of nothing known', pod('job-5b8d4c7f9-abcde'), 'job-5b8d4c7f9-abcde'],
    ['a node', node('node-2'), 'node-2'],
  ])('%s', (_what, entity, name) => expect(ownerOf(entity).name).toBe(name));
});

describe('anomalies taken together', () => {
  test('pods of one workload are one, other signals and other services are not', () => {
    const groups = groupAnomalies([...anomalies, atPod('cart-6d9f7c-p4w8d', 2)], ownerOf);
    expect(groups.map(({ owner, first, entities }) => [owner.name, first.signal, entities])).toEqual([
      ['cart', 'memory', 2],
      ['cart', 'latency', 1],
      ['checkout', 'latency', 1],
    ]);
  });

  test('what comes again later is another', () => {
    const groups = groupAnomalies(
      [memory, atPod('cart-6d9f7c-p4w8d', 1), atPod('cart-6d9f7c-x2x9k', 9)],
      ownerOf,
      60_000,
    );
    expect(groups.map((group) => group.anomalies.length)).toEqual([2, 1]);
  });

  test('whatever they are, each is in one group, and groups come by onset', () => {
    const any = fc.record({
      minutes: fc.integer({ min: 0, max: 20 }),
      name: fc.constantFrom('cart-6d9f7c-x2x9k', 'cart-6d9f7c-p4w8d', 'web-1'),
      severity: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(any), (made) => {
        const given = made.map(({ minutes, name, severity }, i) => ({ ...atPod(name, minutes), id: `${i}`, severity }));
        const groups = groupAnomalies(given, ownerOf, 60_000);
        const ids = groups.flatMap((group) => group.anomalies.map(({ id }) => id));
        expect(ids.toSorted()).toEqual(given.map(({ id }) => id).toSorted());
        const onsets = groups.map(({ first }) => first.onset);
        expect(onsets).toEqual(onsets.toSorted());
        for (const { worst, anomalies: members } of groups) {
          expect(worst.severity).toBe(Math.max(...members.map(({ severity }) => severity)));
        }
      }),
    );
  });
});

describe('the timeline', () => {
  const many = Array.from({ length: 40 }, (_, i) => ({
    ...latency,
    id: `anm-${i}`,
    entity: service(`other-${i % 20}`),
    onset: after(6 + i / 10),
  }));

  test('shows at first sight how it came from the cause to the symptom, and keeps the rest', () => {
    const moments = momentsOf(incident, [...anomalies, ...many], actions.slice(0, 1), ownerOf);
    expect(moments.filter(({ main }) => main).map(({ text }) => text)).toEqual([
      'cart: memory 239 MiB, usually 181 MiB',
      'cart: latency 141 ms, usually 62 ms',
      'checkout: latency 236 ms, usually 118 ms',
      'Incident raised',
      'Container cart was OOMKilled.',
      'Change of cart proposed',
    ]);
    expect(moments, 'twenty services that deviate, each once').toHaveLength(26);
  });

  test('of an incident without a cause shows the most severe', () => {
    const open = { ...incident, diagnosis: { ...incident.diagnosis, causes: [] } };
    const moments = momentsOf(open, [...anomalies, ...many], [], ownerOf);
    const main = moments.filter((moment) => moment.main);
    expect(main).toHaveLength(7);
    expect(main[0]?.text).toBe('cart: memory 239 MiB, usually 181 MiB');
  });
});

describe('the series worth a chart', () => {
  test('begin with what the cause did and what its users felt, each signal of an owner once', () => {
    const chosen = chooseSeries(incident, [...anomalies, atPod('cart-6d9f7c-p4w8d', 2)], 0, ownerOf);
    expect(chosen).toEqual(['a1b2c3d4e5f60001', 'a1b2c3d4e5f60003', 'a1b2c3d4e5f60002']);
  });

  test('without anomalies are those that the evidence rests on', () => {
    expect(chooseSeries(incident, [], 0, ownerOf)).toEqual(['a1b2c3d4e5f60001']);
  });
});

describe('words', () => {
  test('a deviation is told with the units of its series', () => {
    const told = { ...memory, observed: 232_128_044, expected: 113_000_000, unit: 'By' };
    expect(describeAnomaly(told)).toBe('memory 221 MiB, usually 108 MiB');
    expect(describeAnomaly({ ...latency, observed: 0.08959, expected: -0.002, unit: 's' })).toBe(
      'latency 90 ms, usually 0 ms',
    );
  });

  test('what a rule saw is told in its own words', () => {
    const reason = '4.132 % of requests failed, 2 % are allowed: 3 of the last 5 windows broke the SLO of cart';
    expect(describeAnomaly({ ...latency, detector: 'slo', reason })).toBe(reason);
  });

  test.each([
    ['rose from 44.5 ms to 1981 ms (robust z 164)', 'rose from 44.5 ms to 2 s'],
    ['is 213628855 By, above 112966266 By: score 17.46', 'is 204 MiB, above 108 MiB'],
    [
      'steadily from 121 MiB to 252 MiB in 36 s (130 MiB a minute)',
      'steadily from 121 MiB to 252 MiB in 36 s (130 MiB a minute)',
    ],
    ['in 3 steps of 5 seconds', 'in 3 steps of 5 seconds'],
  ])('%s', (text, plain) => expect(plainText(text)).toBe(plain));
});

describe('what is drawn of a series', () => {
  const times = [0, 10, 20, 30].map((seconds) => new Date(onset + seconds * 1000).toISOString());
  const none = [null, null, null, null];
  const series = (kind: string, unit: string, values: number[]) => ({
    kind,
    unit,
    metric: 'http.server.errors',
    points: { times, values, expected: none, lower: none, upper: none },
  });

  test('a counter by its rate, from zero again after a restart', () => {
    const { values, unit } = plotted(series('counter', '{request}', [100, 200, 250, 30]));
    expect(values).toEqual([null, 10, 5, 3]);
    expect(unit).toBe('{request}/s');
  });

  test('a gauge as it is', () => expect(plotted(series('gauge', 'By', [1, 2, 3, 4])).values).toEqual([1, 2, 3, 4]));

  test('with a band that does not flatten it, and its limit in sight', () => {
    const drawn = { values: [10, 20], lower: [null, 0], upper: [null, 5000], unit: '' };
    const [low, high] = heightOf(drawn, []);
    expect(low).toBe(0);
    expect(high).toBeLessThan(40);
    expect(heightOf(drawn, [100])[1]).toBeGreaterThanOrEqual(100);
    expect(heightOf({ values: [], lower: [], upper: [], unit: '' }, [])).toEqual([0, 1]);
  });

  test('under the labels that tell it from its like', () => {
    expect(distinguishing({ 'k8s.namespace.name': 'shop', 'service.name': 'cart', operation: 'POST /cart' })).toBe(
      'operation POST /cart',
    );
  });
});

describe('an anomaly in few words', () => {
  test('says what stands still instead of two numbers that are the same', () => {
    const still = { ...memory, observed: 5, expected: 5, reason: `memory of pod a/b is 5 and stands still` };
    expect(describeAnomaly(still)).toBe('memory of pod a/b is 5 and stands still');
  });

  test('calls the share of log sessions never seen so what it is', () => {
    const sessions = { ...memory, metric: 'log.session.unseen.ratio', signal: 'log-rate' as const, unit: '1' };
    expect(describeAnomaly({ ...sessions, observed: 0.04, expected: 0.01 })).toBe(
      'log sessions never seen so 4 %, usually 1 %',
    );
  });
});
