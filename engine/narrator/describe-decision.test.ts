import { describe, expect, test } from 'vitest';
import type { Action, Anomaly, Decision, Incident } from '../../model/index.ts';
import { createDescriber, describeChange } from './describe-decision.ts';

const service = (name: string) => ({ kind: 'service', namespace: 'shop', name }) as const;
const at = '2026-01-01T00:00:00.000Z';
const target = { kind: 'Deployment', namespace: 'shop', name: 'cart' } as const;

const anomaly = (pod: string, severity: number): Decision => ({
  type: 'anomaly',
  value: {
    ...{ id: pod, revision: 1, state: 'firing', entity: { kind: 'pod', namespace: 'shop', name: pod }, series: 's' },
    ...{ metric: 'm', signal: 'memory', detector: 'lstm', onset: at, detectedAt: at, unit: 'By', reason: 'it grows' },
    ...{ observed: 9, expected: 1, lower: 0, upper: 2, score: 20, severity },
  } satisfies Anomaly,
});
const incident = (more: Partial<Incident> = {}): Decision => ({
  type: 'incident',
  value: {
    ...{ id: 'inc-1', revision: 1, state: 'open', severity: 'critical', title: 'cart: memory leak', startedAt: at },
    ...{
      openedAt: at,
      updatedAt: at,
      symptom: service('frontend'),
      entities: [],
      anomalies: [],
      events: [],
      actions: [],
    },
    diagnosis: { at, causes: [], abstained: true, checked: [], missing: [] },
    ...more,
  } as Incident,
});
const action = (state: Action['state']): Decision => ({
  type: 'action',
  value: {
    ...{ id: 'act-1', revision: 1, proposalId: 'pro-1', state, target, changes: [{ type: 'scale', from: 2, to: 4 }] },
    ...{ createdAt: at, updatedAt: at, gates: [], reason: 'load rises', detail: 'scale to 4' },
  } as Action,
});
const words = (lines: readonly { word: string; text: string }[]) =>
  lines.map(({ word, text }) => `${word.trim()} ${text}`);

describe('the narration', () => {
  test('tells a clear anomaly once for the pods of a workload, and small ones not at all', () => {
    const tell = createDescriber();
    expect(tell(anomaly('cart-7d4f-aaaaa', 0.5))).toEqual([]);
    expect(words(tell(anomaly('cart-7d4f-bbbbb', 0.999)))).toEqual(['anomaly pod shop/cart-7d4f-bbbbb: it grows']);
    expect(tell(anomaly('cart-7d4f-ccccc', 0.999))).toEqual([]);
  });

  test('tells an incident, its cause when there is a clear one, and its end; each once', () => {
    const tell = createDescriber();
    expect(words(tell(incident()))).toEqual(['INCIDENT cart: memory leak (critical, inc-1)']);
    expect(tell(anomaly('user-7d4f-aaaaa', 1))).toEqual([]);
    const cause = {
      ...{
        rank: 1,
        entity: service('cart'),
        code: 'memory-leak',
        title: 'Memory leak',
        probability: 0.93,
        evidence: [],
      },
      path: [{ entity: service('cart'), edge: 'start', text: '' }],
    } as Incident['diagnosis']['causes'][number];
    const diagnosed = incident({ diagnosis: { at, causes: [cause], abstained: false, checked: [], missing: [] } });
    expect(words(tell(diagnosed))).toEqual(['cause service shop/cart: Memory leak, 93 % (cart)']);
    expect(tell(diagnosed)).toEqual([]);
    expect(words(tell(incident({ state: 'resolved', resolvedAt: at })))).toEqual(['resolved cart: memory leak']);
  });

  test('tells each step of an action', () => {
    const tell = createDescriber();
    expect(words([...tell(action('intended')), ...tell(action('intended')), ...tell(action('applied'))])).toEqual([
      'intended Deployment/cart: scale 2 → 4; scale to 4',
      'applied Deployment/cart: scale 2 → 4; scale to 4',
    ]);
  });

  test('says changes in the units people use', () => {
    const resources = (memoryBytes: number) => ({ requests: {}, limits: { memoryBytes } });
    const change = { type: 'resources', container: 'cart', from: resources(2 ** 28), to: resources(2 ** 29) } as const;
    expect(describeChange({ ...change, method: 'in-place' })).toBe('memory limit 256 MiB → 512 MiB in place');
    expect(describeChange({ type: 'restart' })).toBe('restart');
  });
});
