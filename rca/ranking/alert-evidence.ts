import { describeEntity, type Evidence, entityOfKey, toTimestamp } from '../../model/index.ts';
import type { Alert } from '../evidence/alerts.ts';
import type { ComponentEvidence } from '../evidence/component-evidence.ts';
import type { Components } from '../graph/components.ts';
import type { DiagnosisInput } from './diagnosis-input.ts';
import type { Explained } from './explain-away.ts';

/** Log-odds of an alert on a component for its being the cause: alerts fire on symptoms as they do on causes. */
const ownWeight = 0.5;
const alertsShown = 4;

/**
 * What alerts on a component say for it as the cause: together no more than half a point of log-odds, less as far as what
 * it depends on explains its own symptoms, and nothing where they fired long before.
 */
export function ownAlerts(of: ComponentEvidence, input: DiagnosisInput, explained: Explained): Evidence[] {
  const felt = (['latency', 'errors'] as const).filter((signal) => of.changes.has(signal));
  const unexplained = felt.length === 0 ? 1 : Math.max(...felt.map((signal) => 1 - explained[signal]));
  const alerts = input.alerts.get(of.component.key) ?? [];
  const recent = alerts.findIndex((alert) => alert.startedAtMs >= input.window.changesFromMs);
  return alerts
    .map((alert, index) => evidenceOf(alert, index === recent ? Math.round(100 * ownWeight * unexplained) / 100 : 0))
    .slice(-alertsShown);
}

/** Alerts elsewhere that belong to the incident: where symptoms show, along the path, and next to those. They count nothing. */
export function alertsAround(input: DiagnosisInput, cause: string, path: readonly string[]): Evidence[] {
  return [...incidentAlerts([cause, ...path, ...input.symptoms], input.alerts, input.components)]
    .filter(([component]) => component !== cause)
    .flatMap(([, alerts]) => alerts.map((alert) => evidenceOf(alert, 0)))
    .slice(0, alertsShown);
}

/** Alerts on some components and on their neighbours in the graph, by component. */
export function incidentAlerts(
  around: Iterable<string>,
  alerts: ReadonlyMap<string, readonly Alert[]>,
  components: Components,
): ReadonlyMap<string, readonly Alert[]> {
  const near = new Map<string, readonly Alert[]>();
  const add = (key: string) => {
    const found = alerts.get(key);
    if (found !== undefined) near.set(key, found);
  };
  for (const key of around) {
    add(key);
    const component = components.byKey.get(key);
    for (const neighbour of [...(component?.causes ?? []), ...(component?.effects ?? [])]) add(neighbour);
  }
  return near;
}

/** `Alertmanager: HighErrorRate (critical) firing on service shop/cart since …: 12 % of requests fail`. */
export function alertText(alert: Alert): string {
  const severity = alert.severity === '' ? '' : ` (${alert.severity})`;
  const since = toTimestamp(alert.startedAtMs);
  const held = alert.endedAtMs === undefined ? `firing on` : 'fired on';
  const time = alert.endedAtMs === undefined ? `since ${since}` : `from ${since} to ${toTimestamp(alert.endedAtMs)}`;
  const summary = alert.summary === '' ? '' : `: ${alert.summary}`;
  return `Alertmanager: ${alert.name}${severity} ${held} ${describeEntity(entityOfKey(alert.entity))} ${time}${summary}`;
}

function evidenceOf(alert: Alert, weight: number): Evidence {
  return { kind: 'event', supports: true, weight, text: alertText(alert), at: toTimestamp(alert.startedAtMs) };
}
