import { describe, expect, test } from 'vitest';
import type { Action, AuditRecord, Incident, Proposal } from '../../model/index.ts';
import { type SimulatedDemo, startSimulatedDemo } from './simulated-demo.ts';

const page = { limit: 200 };

/** What a demo came to. */
export interface Story {
  readonly incidents: readonly Incident[];
  readonly proposals: readonly Proposal[];
  readonly actions: readonly Action[];
  readonly audit: readonly AuditRecord[];
}

export async function storyOf(demo: SimulatedDemo): Promise<Story> {
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

/** Seconds of the demo: the incident is diagnosed and answered. */
export const halfWaySeconds = 150;

/** The demo's promise, held for one seed; calls back with what had been told half way, for another telling to be held to. */
export function describeDemoStory(seed: number, halfWay: (story: Story) => void = () => {}): void {
  describe(`the demo with seed ${seed}`, () => {
    let story: Story;

    test('a leak becomes one incident with its first cause, and is put right', async () => {
      const demo = await startSimulatedDemo({ seed });
      await demo.live(halfWaySeconds);
      halfWay(await storyOf(demo));
      await demo.live(330 - halfWaySeconds);
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
}
