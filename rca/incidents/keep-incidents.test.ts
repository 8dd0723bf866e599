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
