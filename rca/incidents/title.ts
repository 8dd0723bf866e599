import type { Diagnosis, EntityRef } from '../../model/index.ts';
import { workloadName } from '../graph/pod-owner.ts';

const shortTitles: Readonly<Record<string, string>> = {
  'memory-leak-oom-killed': 'memory leak to OOMKilled',
  'memory-limit-oom-killed': 'OOMKilled at its memory limit',
  'memory-leak': 'memory leak',
  'cpu-saturation': 'CPU saturated',
  'cpu-throttling': 'CPU throttled',
  'traffic-surge': 'traffic surge',
  'crash-loop': 'crash loop',
  'image-pull': 'image cannot be pulled',
  'bad-rollout': 'bad rollout',
  'config-change': 'bad configuration change',
  'node-failure': 'node failed',
  'node-pressure': 'node under pressure',
  'node-failing': 'node about to fail',
  'noisy-neighbour': 'noisy neighbour',
  'dependency-slow': 'external dependency slow',
  'dependency-errors': 'external dependency fails',
  'queue-backlog': 'queue backlog',
  'application-errors': 'raises errors',
  'latency-regression': 'became slow',
  'not-ready': 'not ready',
  unavailable: 'vanished',
  unknown: 'deviates',
};

const symptomTitles: Readonly<Record<string, string>> = {
  latency: 'slow',
  errors: 'failing',
  'log-rate': 'writing errors never seen before',
  'oom-killed': 'OOMKilled',
  'crash-loop': 'crashing',
  'image-pull': 'not starting',
  evicted: 'evicted',
  'node-not-ready': 'not ready',
  'failure-ahead': 'about to fail',
};

export const shortName = (entity: EntityRef) => workloadName(entity.name);

/** One line for people: `cart: memory leak to OOMKilled, frontend slow`. */
export function titleOf(diagnosis: Diagnosis, symptom: EntityRef, signal: string): string {
  const felt = `${shortName(symptom)} ${symptomTitles[signal] ?? signal}`;
  const [first] = diagnosis.causes;
  if (first === undefined || diagnosis.abstained) return `${felt}: no clear cause`;
  const cause = `${shortName(first.entity)}: ${shortTitles[first.code]}`;
  return shortName(first.entity) === shortName(symptom) ? cause : `${cause}, ${felt}`;
}
