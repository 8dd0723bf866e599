import { afterAll, describe, expect, test } from 'vitest';
import type { FaultPlan } from '../../datasets/simulator/index.ts';
import type { Action, AuditRecord, Incident, Proposal } from '../../model/index.ts';
import { removeTemporaryDirectories } from '../support/kybern-process.ts';
import { type SimulatedDemo, startSimulatedDemo } from '../support/simulated-demo.ts';

const page = { limit: 200 };

afterAll(removeTemporaryDirectories);

interface Story {
  readonly incidents: readonly Incident[];
  readonly proposals: readonly Proposal[];
  readonly actions: readonly Action[];
  readonly audit: readonly AuditRecord[];
}

async function storyOf(demo: SimulatedDemo): Promise<Story> {
  const { store } = demo.engine;
  return {
    incidents: (await store.incidents(page)).items,
    proposals: (await store.proposals(page)).items,
    actions: (await store.actions(page)).items,
    audit: (await store.audit(page)).items,
  };
}

function leakOf(demo: SimulatedDemo) {
  const leak = demo.world.groundTruth.find(({ kind }) => kind === 'memory-leak');
  if (leak === undefined) throw new Error('the story has no leak');
  return leak;
}

describe.each([7, 21, 1234])('the demo with seed %i', (seed) => {
  let story: Story;

  test('a leak becomes one incident with its first cause, and is put right', async () => {
    const demo = await startSimulatedDemo({ seed });
    await demo.live(330);
    story = await storyOf(demo);
    const leak = leakOf(demo);
    await demo.close();

    expect(story.incidents).toHaveLength(1);
    const [incident] = story.incidents;
    const first = incident.diagnosis.causes[0];
    expect(first.code).toBe('memory-leak-oom-killed');
    expect(first.entity.name).toBe(leak.service);
    expect(first.path.at(-1)?.entity).toEqual(incident.symptom);
    expect(first.evidence.filter(({ supports }) => supports).length).toBeGreaterThanOrEqual(2);
    expect(Date.parse(incident.openedAt) - demo.liveMs).toBeLessThanOrEqual(120_000);
    expect(incident.state).toBe('resolved');
    expect(Date.parse(incident.resolvedAt ?? '') - demo.liveMs).toBeLessThanOrEqual(240_000);
  });

  test('memory is raised and the workload restarted, as one action that is verified', () => {
    const answer = story.actions.find(({ incidentId }) => incidentId === story.incidents[0].id);
    expect(answer?.changes.map(({ type }) => type)).toEqual(['resources', 'restart']);
    expect(answer?.state).toBe('verified');
    expect(answer?.outcome?.sloAfter).toBe(true);
    expect(story.incidents[0].actions).toContain(answer?.id);
    const events = story.audit.filter(({ actionId }) => actionId === answer?.id).map(({ event }) => event);
    for (const event of ['action-proposed', 'action-intended', 'action-applied', 'action-verified']) {
      expect(events).toContain(event);
    }
  });
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
  const demo = await startSimulatedDemo({ seed: 5, mode: 'observe', scenario: { faults: [surge] } });
  await demo.live(210);
  const { actions } = await storyOf(demo);
  const broken = (await demo.engine.store.anomalies(page)).items.filter(({ detector }) => detector === 'slo');
  await demo.close();
  expect(actions).toEqual([]);
  expect(broken.length).toBeGreaterThan(0);
});

test('the same seed tells the same story, to the id', async () => {
  const tell = async () => {
    const demo = await startSimulatedDemo({ seed: 7 });
    await demo.live(150);
    const { incidents, actions, proposals } = await storyOf(demo);
    await demo.close();
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
  };
  const first = await tell();
  expect(first.incidents).toHaveLength(1);
  expect(await tell()).toEqual(first);
});
