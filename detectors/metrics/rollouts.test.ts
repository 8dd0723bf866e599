import { describe, expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { createNoise, play, sampleBatch, startMs } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';

const day = 24 * 60;

/** What is told, in minutes since the seventh day, of a count of a deployment's replicas that is `value` for the minutes given since then. */
async function toldOf(name: string, usual: number, value: number, minutes: number) {
  const { catalog, detectors } = createWorkbench();
  const labels = [
    ['deployment', 'cart'],
    ['namespace', 'shop'],
  ] as const;
  const series = catalog.intern({ name, labels, kind: 'gauge', unit: '', origin: 'received' });
  const isRollout = (minute: number) => minute % day >= 600 && minute % day < 607;
  const { told } = await play(detectors, series, { count: 7 * day + 120, intervalMs: 60_000 }, (minute) => {
    const since = minute - 7 * day;
    if (since >= 0) return since < minutes ? value : usual;
    // One more than usual, not ready yet, is put beside the others each day.
    return usual + (isRollout(minute) ? 1 : 0);
  });
  const first = told.filter(({ revision }) => revision === 1);
  return first.map(({ detectedAt }) => (Date.parse(detectedAt) - startMs) / 60_000 - 7 * day);
}

describe('of a deployment', () => {
  test('replicas that are not available yet while it goes on are not told, those that stay so are', async () => {
    const name = 'kube_deployment_status_replicas_unavailable';
    expect(await toldOf(name, 0, 1, 8)).toEqual([]);
    expect(await toldOf(name, 0, 1, 60)).toEqual([9]);
  });

  test.each(['kube_deployment_status_replicas', 'k8s.hpa.current_replicas'])(
    'one more or less of %s is not told',
    async (name) => {
      expect(await toldOf(name, 5, 6, 20)).toEqual([]);
      expect(await toldOf(name, 5, 3, 20)).toEqual([]);
    },
  );

  test.each([0, 20])('%i replicas where there were five are told at once', async (replicas) => {
    expect(await toldOf('kube_deployment_status_replicas', 5, replicas, 60)).toEqual([0]);
  });

  test('the counts of its replicas are not judged together: all of them move in a rollout, and in no other hour', async () => {
    const { catalog, detectors } = createWorkbench();
    const noise = createNoise(createRandom(3));
    const names = ['replicas', 'replicas_available', 'replicas_ready', 'replicas_unavailable', 'condition'];
    const ids = names.map((name) =>
      catalog.intern({
        name: `kube_deployment_status_${name}`,
        labels: [
          ...(name === 'condition' ? ([['condition', 'Available']] as const) : []),
          ['deployment', 'cart'],
          ...(name === 'condition' ? ([['status', 'true']] as const) : []),
        ],
        kind: 'gauge',
        unit: '',
        origin: 'received',
      }),
    );
    const told: string[] = [];
    for (let minute = 0; minute < 5 * day; minute += 1) {
      const timeMs = startMs + minute * 60_000;
      const isRollout =
        minute % day >= 600 + 90 * Math.floor(minute / day) && minute % day < 607 + 90 * Math.floor(minute / day);
      const ready = isRollout ? 4 + Math.round(Math.abs(noise())) : 5;
      const values = isRollout ? [6, ready, ready, 6 - ready, 1] : [5, 5, 5, 0, 1];
      const rows = ids.map((id, at) => [id, timeMs, values[at]!] as const);
      const results = [await detectors.observe(sampleBatch(rows)), await detectors.advance(timeMs - 60_000)];
      told.push(...results.flatMap(({ anomalies }) => anomalies).map(({ detector }) => detector));
    }
    expect(told).not.toContain('joint');
  });
});
