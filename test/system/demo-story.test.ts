import { afterAll, expect, test } from 'vitest';
import type { FaultPlan } from '../../datasets/simulator/index.ts';
import { describeDemoStory, halfWaySeconds, type Story, storyOf } from '../support/demo-story.ts';
import { removeTemporaryDirectories } from '../support/kybern-process.ts';
import { startSimulatedDemo } from '../support/simulated-demo.ts';

const page = { limit: 200 };
let first: Story;

afterAll(removeTemporaryDirectories);

// Two more seeds: test/real/demo-seeds.test.ts.
describeDemoStory(7, (story) => {
  first = story;
});

// As the demo's own: it takes 75 s to rise to 2.6 times the usual traffic.
const surge: FaultPlan = {
  kind: 'traffic-surge',
  target: 'search',
  afterMs: 30_000,
  durationMs: 180_000,
  magnitude: 2.6,
  rampMs: 75_000,
};

test('a surge of traffic is met by scaling out before users feel it', async () => {
  const demo = await startSimulatedDemo({ seed: 5, scenario: { faults: [surge] } });
  await demo.live(210);
  const { actions } = await storyOf(demo);
  const broken = (await demo.engine.store.anomalies(page)).items.filter(({ detector }) => detector === 'slo');
  await demo.close();

  const scaled = actions.filter(({ changes, appliedAt }) => changes[0].type === 'scale' && appliedAt !== undefined);
  expect(scaled.map(({ target }) => target.name)).toContain('search');
  expect(broken).toEqual([]);
});

test('the same surge breaks the SLO where Kybern only observes', async () => {
  // Nothing is foretold here, so that a little history does.
  const scenario = { faults: [surge] };
  const demo = await startSimulatedDemo({ seed: 5, mode: 'observe', scenario, historySeconds: 120 });
  const isBroken = async () =>
    (await demo.engine.store.anomalies(page)).items.some(({ detector }) => detector === 'slo');
  let lived = 0;
  for (; lived < 210 && !(await isBroken()); lived += 15) await demo.live(15);
  const { actions } = await storyOf(demo);
  await demo.close();
  expect(actions).toEqual([]);
  expect(lived).toBeLessThan(210);
});

test('the same seed tells the same story, to the id', async () => {
  const demo = await startSimulatedDemo({ seed: 7 });
  await demo.live(halfWaySeconds);
  const again = await storyOf(demo);
  await demo.close();
  expect(again.incidents).toHaveLength(1);
  expect(essence(again)).toEqual(essence(first));
});

function essence({ incidents, actions, proposals }: Story) {
  return {
    incidents: incidents.map(({ id, title, startedAt, diagnosis }) => ({
      id,
      title,
      startedAt,
      cause: diagnosis.causes[0],
    })),
    proposals: proposals.map(({ id, changes }) => ({ id, changes })),
    actions: actions.map(({ id, changes, state }) => ({ id, changes, state })),
  };
}
