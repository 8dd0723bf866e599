import { describe, expect, test } from 'vitest';
import {
  type Actuator,
  type AuditRecord,
  type ClusterPort,
  type Decision,
  KybernError,
  type LogTopic,
} from '../../../model/index.ts';
import { createDecisionFollower } from '../../pipeline/decision-follower.ts';
import { createKnownSeriesTopic } from '../../pipeline/known-series-topic.ts';
import { absentCluster } from '../absent-cluster.ts';
import { createGuardedCluster } from './guarded-cluster.ts';
import { runWork } from './run-work.ts';
import { createStandingActuator } from './standing-actuator.ts';

const clock = { now: () => 0, sleep: async () => true };

function topicOf(records: readonly Uint8Array[]): LogTopic {
  return {
    name: 'decisions-0',
    append: () => Promise.reject(new Error('not here')),
    firstOffset: 0,
    get nextOffset() {
      return records.length;
    },
    read: async (from) => records.slice(from).map((bytes, i) => ({ offset: from + i, bytes })),
    waitFor: async () => new Promise((turn) => setImmediate(() => turn(true))),
  };
}

const audit = (sequence: number, event: AuditRecord['event'], after: object): Decision =>
  ({ type: 'audit', value: { id: `aud-${sequence}`, sequence, event, after } }) as unknown as Decision;

describe('the actuator as any process shows it', () => {
  test('says who decides where another does, and shows mode and kill switch as the audit log has them', async () => {
    const { actuator, note } = createStandingActuator({
      own: () => undefined,
      decider: () => 'b:8080',
      mode: 'observe',
    });
    await expect(actuator.approve('act-1', 'me')).rejects.toMatchObject({
      code: 'KYBERN_NOT_DECIDER',
      message: 'b:8080 decides',
    });
    expect([actuator.mode, actuator.killSwitch]).toEqual(['observe', false]);
    note(audit(1, 'kill-switch', { on: true }));
    note(audit(2, 'mode-changed', { mode: 'auto' }));
    expect([actuator.mode, actuator.killSwitch]).toEqual(['auto', true]);
    note(audit(3, 'kill-switch', { on: false }));
    expect(actuator.killSwitch).toBe(false);
  });

  test('is the real one where this process decides', async () => {
    const own = { mode: 'auto', killSwitch: true, approve: async (id: string) => ({ id }) } as unknown as Actuator;
    const { actuator } = createStandingActuator({ own: () => own, decider: () => undefined, mode: 'observe' });
    expect([actuator.mode, actuator.killSwitch]).toEqual(['auto', true]);
    expect(await actuator.approve('act-1', 'me')).toEqual({ id: 'act-1' });
  });
});

test('a process that may have been left out of its group writes nothing to the cluster', async () => {
  let fresh = true;
  let writes = 0;
  const cluster: ClusterPort = {
    ...absentCluster,
    async scale() {
      writes += 1;
      return { outcome: 'applied', resourceVersion: '2' };
    },
  };
  const guarded = createGuardedCluster(cluster, () => fresh);
  const target = { kind: 'Deployment', namespace: 'shop', name: 'cart' } as const;
  const options = { resourceVersion: '1', actionId: 'act-1' };
  expect((await guarded.scale(target, 2, options)).outcome).toBe('applied');
  fresh = false;
  expect(await guarded.scale(target, 3, options)).toMatchObject({ outcome: 'refused', status: 503 });
  expect(writes).toBe(1);
});

test('the follower replays what was decided, and tells listeners only of what is new', async () => {
  const encode = (decision: Decision) => new TextEncoder().encode(JSON.stringify([decision]));
  const records = [encode(audit(1, 'started', {}))];
  const [replayed, told] = [[], []] as [string[], string[]];
  const stop = new AbortController();
  const follower = createDecisionFollower({
    topic: topicOf(records),
    clock,
    replay: ({ value }) => void replayed.push(value.id),
  });
  follower.subscribe(({ value }) => {
    told.push(value.id);
    stop.abort();
  });
  const running = follower.run(stop.signal);
  await new Promise((turn) => setTimeout(turn, 10));
  records.push(encode(audit(2, 'started', {})));
  await running;
  expect([replayed, told]).toEqual([['aud-1', 'aud-2'], ['aud-2']]);
});

test('records are given out only when the series that they name are known', async () => {
  let known = 1;
  let catchUps = 0;
  const topic = createKnownSeriesTopic(topicOf([Uint8Array.of(0), Uint8Array.of(5), Uint8Array.of()]), {
    namesUnknown(bytes) {
      if (bytes.length === 0) throw new RangeError('unreadable');
      return bytes[0] >= known;
    },
    async catchUp() {
      catchUps += 1;
      known = 6;
    },
  });
  expect(await topic.read(0, 100)).toHaveLength(3);
  expect(await topic.read(0, 100)).toHaveLength(3);
  expect(catchUps).toBe(1);
});

test('work begins again where a part was away, and a defect is told of', async () => {
  let runs = 0;
  const failures: unknown[] = [];
  const running = runWork(
    {
      loops: [
        async () => {
          runs += 1;
          if (runs < 3) throw new KybernError('KYBERN_LOG_UNAVAILABLE', 'away');
          throw new RangeError('defect');
        },
      ],
      checkpoint: async () => {},
      close: () => {},
    },
    { clock, failed: (error) => failures.push(error) },
  );
  running.start();
  await new Promise((turn) => setTimeout(turn, 10));
  await running.stop();
  expect([runs, failures.length]).toEqual([3, 1]);
});
