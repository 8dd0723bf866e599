import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeProblem, readConfig, readWithWarnings } from './read-config.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kybern-config-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const nowMs = Date.UTC(2026, 10, 26, 12);

function fileOf(text: string): string {
  const path = join(directory, 'kybern.yaml');
  writeFileSync(path, text);
  return path;
}

test('a maintenance window that is wholly over is a warning with its line, and the configuration holds', () => {
  const path = fileOf(`mode: observe
detectors:
  policy:
    maintenance:
      - from: '2027-01-02T20:00:00Z'
        to: '2027-01-02T22:00:00Z'
        reason: still ahead
      - weekly: { days: [sun], start: '02:00', minutes: 60 }
        reason: comes again
      # Last year's.
      - from: '2025-12-24T20:00:00Z'
        to: '2025-12-24T22:00:00Z'
        reason: over
      - from: '2026-11-26T10:00:00Z'
        to: '2026-11-26T12:00:00.001Z'
        reason: open
`);
  const { config, warnings } = readWithWarnings({ path, environment: {} }, nowMs);
  expect(config.detectors.policy.maintenance.length).toBe(4);
  expect(warnings.map(describeProblem)).toEqual([
    `${path}:11: detectors.policy.maintenance[2]: this maintenance window is over since 2025-12-24T22:00:00Z: it has no effect any more`,
  ]);
  expect(readWithWarnings({ path, environment: {} }, nowMs + 1).warnings.length).toBe(2);
  expect(readConfig({ path, environment: {} })).toEqual(config);
});

test('a window whose times cannot be is an error', () => {
  const path = fileOf(`detectors:
  policy:
    maintenance:
      - { from: '2026-12-24T20:00:00Z', to: '2026-12-24T18:00:00Z', reason: backwards }
`);
  expect(() => readWithWarnings({ path, environment: {} }, nowMs)).toThrow(/maintenance\[0\].*ends before it begins/);
});

test('without windows there is nothing to warn of', () => {
  expect(readWithWarnings({ environment: {} }, nowMs).warnings).toEqual([]);
});

test('settings that switch detection off together are errors, all at once and each with its line', () => {
  const path = fileOf(`detectors:
  metrics:
    threshold: 5
    persistentSamples: 5
    signals: [{ match: { metrics: [lag] }, forSeconds: 3600 }]
  slo: { ofWindows: 2 }
  logs: { sessionBy: text }
  policy:
    teams:
      - { name: shop, alertsPerWeek: 3 }
      - name: shop
        alertsPerWeek: 4
`);
  const environment = { KYBERN_DETECTORS__ENTITIES__MINIMUM_METRICS: '64' };
  expect(() => readConfig({ path, environment })).toThrow(
    [
      `${path}:4: detectors.metrics.persistentSamples: 5 is more than windowSamples, which is 3: no deviation persists`,
      `${path}:6: detectors.slo.brokenWindows: 3 is more than ofWindows, which is 2: no SLO is ever broken`,
      'environment KYBERN_DETECTORS__ENTITIES__MINIMUM_METRICS: detectors.entities.minimumMetrics: 64 is more than maximumMetrics, which is 40: no entity is judged',
      `${path}:5: detectors.metrics.signals.0.forSeconds: 3600 is more than acceptShiftSeconds, which is 1800: it is the new normal before it is told`,
      `${path}:7: detectors.logs.sessionBy: text needs a sessionKey`,
      `${path}:11: detectors.policy.teams.1.name: there is a team shop already: budgets are kept by name`,
    ].join('\n'),
  );
});
