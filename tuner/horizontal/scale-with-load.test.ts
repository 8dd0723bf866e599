import { expect, test } from 'vitest';
import { type Proposal, toTimestamp } from '../../model/index.ts';
import type { WorkloadView } from '../observation/workload-view.ts';
import { startMs, tunerSettings } from '../testing/fake-world.ts';
import type { ReplicaJudgement } from './judge-replicas.ts';
import { nextUp } from './scale-with-load.ts';

const config = tunerSettings();

/** A proposal from 3 to 7 has been open for so long, wanted 7 at first and 4 ever since: how far does it go now? */
function askedAfter(seconds: number): number {
  const atMs = startMs + seconds * 1000;
  const wanted = [{ atMs: startMs, replicas: 7 }];
  for (let second = 5; second <= seconds; second += 5) wanted.push({ atMs: startMs + second * 1000, replicas: 4 });
  const view = {
    atMs,
    workload: { replicas: 3 },
    bounds: { minReplicas: 1, maxReplicas: 20 },
    track: { wanted },
  } as unknown as WorkloadView;
  const open = { changes: [{ type: 'scale', from: 3, to: 7 }], createdAt: toTimestamp(startMs) } as unknown as Proposal;
  return nextUp(view, { wanted: 4 } as ReplicaJudgement, open, config);
}

test('what was asked for stands for half a minute though less is wanted', () => {
  expect(askedAfter(20)).toBe(7);
});

test('it is taken back to what is wanted after that', () => {
  expect(askedAfter(40)).toBe(4);
});
