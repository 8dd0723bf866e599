import type { ClusterEvent, Random } from '../../../model/index.ts';
import { between, exponential, poisson } from '../randomness.ts';
import type { NodeReading } from './node-reading.ts';

const week = 7 * 1440;

/** Trouble of kubelet and hardware: what healthy nodes have now and then, and what a failing one has more and more of. */
export interface Mishaps {
  /** A shortage that the kubelet reports for some minutes and that comes to nothing. */
  readonly pressing: string;
  /** The small ones that come and go, and the heartbeat. */
  happen(reading: NodeReading, minutes: number): void;
  /** Those of a failure that has come this far, 0 to 1. */
  ail(kind: 'kubelet-flapping' | 'hardware', come: number, reading: NodeReading, minutes: number): void;
  tell(reading: NodeReading, reason: string, type: ClusterEvent['type'], message: string): void;
}

export function createMishaps(random: Random, node: string): Mishaps {
  const every = (gap: number) => {
    let next = exponential(random, gap);
    return (minutes: number) => {
      next -= minutes;
      if (next > 0) return false;
      next = exponential(random, gap);
      return true;
    };
  };
  const blip = every(2 * week);
  const spell = every(4 * week);
  const lateHeartbeat = every(1440);
  const kubeletRestart = every(3 * week);
  const upgrade = every(3 * week);
  const hungTask = every(3 * week);
  const runtimeFault = every(2 * week);
  const badSector = every(4 * week);
  const shortage = every(3 * week);
  const corrected = random() < 0.1 ? every(2880) : () => false;
  const wearsOut = between(random, 8, 25);
  let notReadyFor = 0;
  let lateFor = 0;
  let flapsToCome = 0;
  let pressing = '';
  let faultsToCome = 0;
  let errorsToCome = 0;

  function tell(reading: NodeReading, reason: string, type: ClusterEvent['type'], message: string): void {
    const entity = { kind: 'node', namespace: '', name: node } as const;
    reading.events.push({ atMs: reading.atMs, entity, reason, type, message });
  }

  function flap(reading: NodeReading): void {
    if (notReadyFor > 0) return;
    notReadyFor = between(random, 1, 3);
    reading.ready = false;
    tell(reading, 'NodeNotReady', 'Warning', `Node ${node} status is now: NodeNotReady`);
  }

  function restart(reading: NodeReading, reboots: boolean): void {
    if (reboots) {
      reading.bootMs = reading.atMs;
      flap(reading);
      tell(reading, 'Rebooted', 'Warning', `Node ${node} has been rebooted`);
    }
    tell(reading, 'Starting', 'Normal', 'Starting kubelet.');
  }

  return {
    tell,
    get pressing() {
      return pressing;
    },
    happen(reading, minutes) {
      if (notReadyFor > 0) {
        notReadyFor -= minutes;
        if (notReadyFor <= 0) {
          reading.ready = true;
          tell(reading, 'NodeReady', 'Normal', `Node ${node} status is now: NodeReady`);
        }
      }
      if (blip(minutes)) flap(reading);
      if (spell(minutes)) flapsToCome = 2 + Math.floor(2 * random());
      if (flapsToCome > 0 && random() < minutes / 12) {
        flapsToCome -= 1;
        flap(reading);
      }
      if (kubeletRestart(minutes)) restart(reading, false);
      if (upgrade(minutes)) restart(reading, true);
      if (hungTask(minutes)) tell(reading, 'TaskHung', 'Warning', 'task kworker blocked for more than 120 seconds');
      if (runtimeFault(minutes)) faultsToCome = 1 + Math.floor(3 * random());
      if (faultsToCome > 0 && random() < minutes / 8) {
        faultsToCome -= 1;
        tell(reading, random() < 0.5 ? 'ImageGCFailed' : 'ContainerGCFailed', 'Warning', 'context deadline exceeded');
      }
      pressing = shortage(minutes) ? 'MemoryPressure' : '';
      if (badSector(minutes)) errorsToCome = 1 + Math.floor(3 * random());
      if (errorsToCome > 0 && random() < minutes / 5) {
        errorsToCome -= 1;
        tell(reading, 'IOError', 'Warning', 'Buffer I/O error on device sda1, logical block 77');
      }
      if (corrected(minutes)) reading.correctedErrors += 1;
      lateFor = Math.max(0, lateFor - minutes);
      if (lateHeartbeat(minutes)) lateFor = 1;
      if (lateFor <= 0 && reading.ready) reading.heartbeatMs = reading.atMs;
    },
    ail(kind, come, reading, minutes) {
      if (kind === 'kubelet-flapping') {
        const rate = 0.03 + 0.15 * come;
        if (random() < rate * minutes) flap(reading);
        if (random() < rate * minutes) lateFor = between(random, 1, 2);
        if (random() < 0.4 * rate * minutes) restart(reading, false);
        if (random() < 0.6 * rate * minutes) {
          const message = 'PLEG is not healthy: pleg was last seen active 3m ago';
          tell(reading, random() < 0.5 ? 'ContainerGCFailed' : 'KubeletUnhealthy', 'Warning', message);
        }
        return;
      }
      reading.diskWait *= wearsOut ** come;
      const errors = poisson(random, (0.01 + 0.3 * come * come) * minutes);
      if (errors > 0) tell(reading, 'IOError', 'Warning', 'Buffer I/O error on device sda1, logical block 1093344');
      if (random() < 0.02 * come * minutes) tell(reading, 'Ext4Error', 'Warning', 'EXT4-fs error (device sda1)');
      reading.correctedErrors += poisson(random, 0.05 * come * minutes);
    },
  };
}
