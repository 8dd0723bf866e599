import type { CauseCode } from '../../model/index.ts';
import type { FeatureName } from './features.ts';

/** What a cause is expected to show. Weights are log-odds: `present` at full strength, `absent` where it could be seen and isn't. */
export interface Expectation {
  readonly feature: FeatureName;
  readonly present: number;
  readonly absent?: number;
}

export interface CodebookEntry {
  readonly code: CauseCode;
  readonly scope: 'component' | 'node';
  /** At least one of these has to be observed. */
  readonly needs: readonly FeatureName[];
  readonly prior: number;
  readonly expects: readonly Expectation[];
}

const expect = (feature: FeatureName, present: number, absent = 0): Expectation => ({ feature, present, absent });

/**
 * Causes in Kubernetes and what they show (the causal-model idea of Causely's codebook; the signs are those of the
 * Kubernetes documentation on pod and node states and of the fault libraries in public use). State changes weigh most:
 * they are facts. Latency and errors are symptoms: they speak only as far as no dependency explains them.
 */
export const codebook: readonly CodebookEntry[] = [
  {
    code: 'memory-leak-oom-killed',
    scope: 'component',
    needs: ['oom-killed'],
    prior: -0.5,
    expects: [
      expect('oom-killed', 3.5),
      expect('memory-ramp', 3, 2),
      expect('memory-near-limit', 1, 0.5),
      expect('traffic-rise', -2),
      expect('garbage-collection', 0.5),
      expect('own-latency', 0.5),
      expect('restarts', 0.5),
    ],
  },
  {
    code: 'memory-limit-oom-killed',
    scope: 'component',
    needs: ['oom-killed'],
    prior: 0,
    expects: [
      expect('oom-killed', 3.5),
      expect('traffic-rise', 2.5, 1),
      expect('memory-rise', 0.5),
      expect('memory-near-limit', 1, 0.5),
      expect('restarts', 0.5),
    ],
  },
  {
    code: 'memory-leak',
    scope: 'component',
    needs: ['memory-ramp'],
    prior: -0.5,
    expects: [
      expect('memory-ramp', 2.5),
      expect('memory-near-limit', 1.5, 0.5),
      expect('traffic-rise', -2),
      expect('oom-killed', -6),
      expect('garbage-collection', 1),
      expect('own-latency', 1, 0.5),
    ],
  },
  {
    code: 'cpu-saturation',
    scope: 'component',
    needs: ['cpu-rise'],
    prior: 0,
    expects: [
      expect('cpu-rise', 2),
      expect('cpu-near-limit', 1.5, 0.5),
      expect('throttling', 0.5),
      expect('own-latency', 1.5, 1),
      expect('traffic-rise', -1.5),
      expect('memory-ramp', -1.5),
      expect('oom-killed', -2),
    ],
  },
  {
    code: 'cpu-throttling',
    scope: 'component',
    needs: ['throttling'],
    prior: 0,
    expects: [
      expect('throttling', 2.5),
      expect('cpu-near-limit', 1, 0.5),
      expect('own-latency', 1.5, 1),
      expect('cpu-rise', -1.5),
      expect('traffic-rise', -1.5),
      expect('oom-killed', -2),
    ],
  },
  {
    code: 'traffic-surge',
    scope: 'component',
    needs: ['traffic-rise'],
    prior: 0,
    expects: [
      expect('traffic-rise', 2.5),
      expect('saturation', 2, 1.5),
      expect('own-latency', 1, 0.5),
      expect('own-errors', 0.5),
      expect('memory-ramp', -0.5),
      expect('oom-killed', -3),
      expect('crash-loop', -3),
    ],
  },
  {
    code: 'crash-loop',
    scope: 'component',
    needs: ['crash-loop'],
    prior: 0,
    expects: [
      expect('crash-loop', 4.5),
      expect('restarts', 0.5),
      expect('own-errors', 0.5),
      expect('log-anomaly', 0.5),
      expect('oom-killed', -4),
      expect('node-down-under-it', -3),
    ],
  },
  {
    code: 'image-pull',
    scope: 'component',
    needs: ['image-pull'],
    prior: 0,
    expects: [expect('image-pull', 5.5), expect('not-ready', 0.5)],
  },
  {
    code: 'bad-rollout',
    scope: 'component',
    needs: ['rollout'],
    prior: -2,
    expects: [
      expect('rollout', 3.5),
      expect('own-errors', 2.5),
      expect('own-latency', 2.5),
      expect('crash-loop', 3),
      expect('log-anomaly', 1),
      expect('not-ready', 1),
      expect('image-pull', -1),
      expect('node-down-under-it', -3),
    ],
  },
  {
    code: 'config-change',
    scope: 'component',
    needs: ['config-change'],
    prior: -2,
    expects: [
      expect('config-change', 3.5),
      expect('own-errors', 2.5),
      expect('own-latency', 2.5),
      expect('crash-loop', 3),
      expect('log-anomaly', 1),
      expect('not-ready', 1),
      expect('node-down-under-it', -3),
    ],
  },
  {
    code: 'node-failure',
    scope: 'node',
    needs: ['node-not-ready', 'silent'],
    prior: 0,
    expects: [expect('node-not-ready', 6), expect('silent', 3)],
  },
  {
    code: 'node-failing',
    scope: 'node',
    needs: ['failure-ahead'],
    prior: 0,
    expects: [expect('failure-ahead', 3), expect('node-pressure', 0.5), expect('node-not-ready', -3)],
  },
  {
    code: 'node-pressure',
    scope: 'node',
    needs: ['node-pressure', 'cpu-rise', 'memory-rise', 'disk-rise'],
    prior: -1,
    expects: [
      expect('node-pressure', 4, 0.5),
      expect('cpu-rise', 1.5),
      expect('memory-rise', 1.5),
      expect('disk-rise', 1.5),
      expect('node-not-ready', -3),
    ],
  },
  {
    code: 'dependency-slow',
    scope: 'component',
    needs: ['own-latency'],
    prior: -3,
    expects: [expect('uninstrumented', 3.2, 3), expect('own-latency', 2)],
  },
  {
    code: 'dependency-errors',
    scope: 'component',
    needs: ['own-errors'],
    prior: -3,
    expects: [expect('uninstrumented', 3.2, 3), expect('own-errors', 2)],
  },
  {
    code: 'queue-backlog',
    scope: 'component',
    needs: ['queue-rise'],
    prior: 0,
    expects: [
      expect('queue-rise', 2.5),
      expect('traffic-rise', -0.5),
      expect('own-latency', 0.5),
      expect('cpu-rise', -0.5),
      expect('oom-killed', -3),
    ],
  },
  {
    code: 'application-errors',
    scope: 'component',
    needs: ['own-errors', 'log-anomaly'],
    prior: 0,
    expects: [
      expect('own-errors', 2),
      expect('log-anomaly', 1),
      expect('oom-killed', -3),
      expect('crash-loop', -2),
      expect('node-down-under-it', -3),
      expect('rollout', -0.5),
    ],
  },
  {
    code: 'latency-regression',
    scope: 'component',
    needs: ['own-latency'],
    prior: 0,
    expects: [
      expect('own-latency', 2),
      expect('cpu-rise', -0.5),
      expect('memory-ramp', -0.5),
      expect('traffic-rise', -0.5),
      expect('oom-killed', -3),
      expect('rollout', -0.5),
    ],
  },
  {
    code: 'not-ready',
    scope: 'component',
    needs: ['not-ready', 'evicted', 'unschedulable'],
    prior: -0.5,
    expects: [
      expect('not-ready', 3),
      expect('evicted', 2),
      expect('unschedulable', 2),
      expect('node-down-under-it', -4),
      expect('crash-loop', -3),
      expect('image-pull', -3),
      expect('oom-killed', -3),
    ],
  },
  {
    code: 'unavailable',
    scope: 'component',
    needs: ['silent'],
    prior: -0.5,
    expects: [expect('silent', 3.5), expect('node-down-under-it', -4), expect('not-ready', 0.5)],
  },
  {
    code: 'unknown',
    scope: 'component',
    needs: [
      'memory-rise',
      'disk-rise',
      'network-change',
      'other-change',
      'restarts',
      'cpu-rise',
      'own-latency',
      'own-errors',
    ],
    prior: -1,
    expects: [
      expect('restarts', 1),
      expect('network-change', 0.5),
      expect('disk-rise', 0.7),
      expect('memory-rise', 0.5),
    ],
  },
];
