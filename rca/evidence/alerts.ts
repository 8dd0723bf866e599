import { type AlertState, type ClusterBatch, entityKey } from '../../model/index.ts';
import type { IncidentWindow } from './component-evidence.ts';

/** An alert of another system on one entity, from its start on. Plain data. */
export interface Alert extends AlertState {
  readonly entity: string;
  readonly summary: string;
  /** Ids of the events that told it. */
  readonly events: readonly string[];
  /** When it was last told. */
  readonly heardMs: number;
}

/** By fingerprint and start: an alert that fires anew is another one. */
export type Alerts = Map<string, Alert>;

const mostAlerts = 10_000;

/**
 * Takes the alerts of a batch. The same telling twice changes nothing, and one that is over stays over: a sender that
 * tries again may tell the start after the end. Beyond 10,000 the longest unheard are forgotten.
 */
export function observeAlerts(alerts: Alerts, batch: ClusterBatch): void {
  for (const { id, alert, entity, message } of batch.events) {
    if (alert === undefined) continue;
    const key = `${alert.fingerprint}|${alert.startedAtMs}`;
    const known = alerts.get(key);
    const state = known?.state === 'resolved' ? known : alert;
    const events =
      known === undefined ? [id] : known.events.includes(id) ? known.events : [...known.events, id].slice(-4);
    // Set anew, so that the order of the map is that of hearing.
    alerts.delete(key);
    alerts.set(key, {
      ...alert,
      state: state.state,
      ...(state.endedAtMs === undefined ? {} : { endedAtMs: state.endedAtMs }),
      entity: entityKey(entity),
      summary: message,
      events,
      heardMs: Math.max(known?.heardMs ?? 0, batch.timeMs),
    });
  }
  for (const key of alerts.keys()) {
    if (alerts.size <= mostAlerts) return;
    alerts.delete(key);
  }
}

/** Forgets alerts that ended before `endedMs`, and those that fire but were not told again since `heardMs`. */
export function forgetAlerts(alerts: Alerts, endedMs: number, heardMs: number): void {
  for (const [key, alert] of alerts) {
    if (alert.endedAtMs === undefined ? alert.heardMs < heardMs : alert.endedAtMs < endedMs) alerts.delete(key);
  }
}

/** Alerts that held at some time within the window, by component, oldest first. */
export function alertsWithin(
  alerts: Alerts,
  window: Pick<IncidentWindow, 'fromMs' | 'nowMs'>,
  keyOf: (entity: string) => string,
): ReadonlyMap<string, readonly Alert[]> {
  const byComponent = new Map<string, Alert[]>();
  for (const alert of alerts.values()) {
    if (alert.startedAtMs > window.nowMs || (alert.endedAtMs ?? window.nowMs) < window.fromMs) continue;
    const component = keyOf(alert.entity);
    const list = byComponent.get(component);
    if (list === undefined) byComponent.set(component, [alert]);
    else list.push(alert);
  }
  for (const list of byComponent.values()) {
    list.sort((a, b) => a.startedAtMs - b.startedAtMs || (a.fingerprint < b.fingerprint ? -1 : 1));
  }
  return byComponent;
}
