import { expect, it } from 'vitest';
import { entityKey, toTimestamp } from '../../model/index.ts';
import { createGraph } from '../graph/causal-graph.ts';
import { componentsOf } from '../graph/components.ts';
import { testConfig } from '../testing/toy-cluster.ts';
import type { OpenIncident } from './incident-book.ts';
import { keepIncidents } from './keep-incidents.ts';
import type { Symptom } from './symptoms.ts';

const config = testConfig();

function keepAt(nowMs: number, incidents: OpenIncident[], symptoms: readonly Symptom[]) {
  return keepIncidents(incidents, {
    nowMs,
    config,
    components: componentsOf(createGraph()),
    symptoms,
    anomalies: new Map(),
    deviates: () => false,
    factsOf: () => [],
    alertsNear: () => [],
    diagnose: () => ({ at: toTimestamp(nowMs), causes: [], abstained: true, checked: [], missing: [] }),
  });
}

it('an alarm that turns out to have been too short for a symptom does not hold its incident open', () => {
  const incidents: OpenIncident[] = [];
  const entity = entityKey({ kind: 'service', namespace: 'shop', name: 'cart' });
  const firing: Symptom = {
    id: 'a',
    source: 'anomaly',
    entity,
    onsetMs: 0,
    severity: 1,
    slo: false,
    signal: 'errors',
    stepMs: 5_000,
  };
  expect(keepAt(15_000, incidents, [firing])[0].state).toBe('open');
  // It cleared with hindsight after six seconds: `symptomsOf` tells it no more.
  keepAt(20_000, incidents, []);
  const quiet = keepAt(20_000 + config.quietSeconds * 1000, incidents, []);
  expect(quiet.at(-1)?.state).toBe('resolved');
});

it('a diagnosis stands for a while after a change was made: what is seen then is its effect', () => {
  const incidents: OpenIncident[] = [];
  const entity = entityKey({ kind: 'service', namespace: 'shop', name: 'cart' });
  const firing: Symptom = {
    ...{ id: 'a', source: 'anomaly', entity, onsetMs: 0, severity: 1, slo: false, signal: 'errors', stepMs: 2000 },
  };
  const diagnosedAt = () => incidents[0].diagnosis.at;
  keepAt(15_000, incidents, [firing]);
  keepAt(20_000, incidents, [firing]);
  expect(diagnosedAt()).toBe(toTimestamp(20_000));
  incidents[0].actedMs = 21_000;
  keepAt(30_000, incidents, [firing]);
  expect(diagnosedAt()).toBe(toTimestamp(20_000));
  const laterMs = 21_000 + config.afterActionSeconds * 1000;
  keepAt(laterMs, incidents, [firing]);
  expect(diagnosedAt()).toBe(toTimestamp(laterMs));
});
