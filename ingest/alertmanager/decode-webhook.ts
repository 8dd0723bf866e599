import {
  type AlertState,
  type ClusterEvent,
  contentId,
  type EntityRef,
  entityOfLabels,
  KybernError,
  type Labels,
  labelValue,
} from '../../model/index.ts';
import { parseTime } from '../cloudevents/cloud-event.ts';
import { type LabelLimits, limitedLabels } from '../intake/label-set.ts';
import type { Tally } from '../intake/tally.ts';
import type { Tenant } from '../intake/tenant.ts';
import { checkJsonDepth } from '../otlp/json-depth.ts';

export interface AlertGroup {
  readonly events: readonly ClusterEvent[];
  /** Alerts that Alertmanager left out of the message, over the receiver's `max_alerts`. */
  readonly truncated: number;
}

// The message, its alerts, an alert, its labels.
const envelopeDepth = 8;
const longestText = 1000;
const textDecoder = new TextDecoder('utf-8', { fatal: true });

/**
 * The alerts of Alertmanager's webhook, version 4 (alertmanager docs/configuration.md, webhook_config). Fields that are
 * not known are left alone. An alert is told again with every repetition and retry: its id follows from group, alert,
 * state and start, so that it stays one. Each is counted; one without labels, a state or a time is refused. Throws
 * KYBERN_BODY_UNREADABLE where it is not such a message, KYBERN_NESTING, KYBERN_BODY_TOO_LARGE beyond `mostAlerts`.
 */
export function decodeWebhook(
  body: Uint8Array,
  nowMs: number,
  tally: Tally,
  tenant: Tenant,
  limits: LabelLimits & { readonly futureSeconds: number },
  mostAlerts: number,
): AlertGroup {
  const message = parse(body);
  if (message.version !== '4') unreadable(`version ${JSON.stringify(message.version ?? null)}, 4 is taken`);
  const { groupKey, alerts, truncatedAlerts } = message;
  if (typeof groupKey !== 'string' || groupKey === '') unreadable('it has no groupKey');
  if (!Array.isArray(alerts)) unreadable('it has no array of alerts');
  if (alerts.length > mostAlerts) throw new KybernError('KYBERN_BODY_TOO_LARGE', `more than ${mostAlerts} alerts`);
  const events: ClusterEvent[] = [];
  for (const alert of alerts as unknown[]) {
    tally.received++;
    const read = readAlert(alert, limits);
    if (typeof read === 'string') tally.rejected[read]++;
    else if (read.state.startedAtMs > nowMs + limits.futureSeconds * 1000) tally.rejected.future++;
    else {
      tally.accepted++;
      events.push(eventOf(read, nowMs, groupKey, tenant));
    }
  }
  const truncated = typeof truncatedAlerts === 'number' && truncatedAlerts > 0 ? Math.floor(truncatedAlerts) : 0;
  return { events, truncated };
}

interface ReadAlert {
  readonly state: AlertState;
  readonly labels: Labels;
  readonly summary: string;
}

function readAlert(alert: unknown, limits: LabelLimits): ReadAlert | 'invalid' | 'labels' | 'time' {
  if (!isObject(alert)) return 'invalid';
  const pairs = textsOf(alert.labels);
  const name = pairs.find(([label]) => label === 'alertname')?.[1];
  const { status, startsAt, endsAt, generatorURL, fingerprint } = alert;
  if (name === undefined || (status !== 'firing' && status !== 'resolved')) return 'invalid';
  let labels: Labels;
  try {
    labels = limitedLabels(pairs, limits);
  } catch {
    return 'labels';
  }
  const startedAtMs = typeof startsAt === 'string' ? parseTime(startsAt) : Number.NaN;
  const endedAtMs = typeof endsAt === 'string' ? parseTime(endsAt) : Number.NaN;
  if (!(startedAtMs > 0) || (status === 'resolved' && !(endedAtMs > 0))) return 'time';
  const annotations = new Map(textsOf(alert.annotations));
  return {
    labels,
    summary: annotations.get('summary') ?? annotations.get('description') ?? annotations.get('message') ?? '',
    state: {
      name: cut(name),
      state: status,
      severity: cut(labelValue(labels, 'severity') ?? ''),
      fingerprint:
        typeof fingerprint === 'string' && fingerprint !== '' ? cut(fingerprint) : contentId('alr', ...labels.flat()),
      startedAtMs,
      ...(status === 'resolved' ? { endedAtMs } : {}),
      ...(typeof generatorURL === 'string' && generatorURL !== '' ? { generatorUrl: cut(generatorURL) } : {}),
    },
  };
}

function eventOf({ state, labels, summary }: ReadAlert, nowMs: number, groupKey: string, tenant: Tenant): ClusterEvent {
  const { fingerprint, startedAtMs, endedAtMs } = state;
  return {
    id: contentId('evt', 'alertmanager', tenant.name, groupKey, fingerprint, state.state, startedAtMs),
    // An alert that ends by its timeout has an end in the future: nothing that Kybern keeps is later than now.
    atMs: Math.min(nowMs, endedAtMs ?? startedAtMs),
    entity: alertEntity(state.name, labels),
    reason: state.name,
    type: state.state === 'firing' ? 'Warning' : 'Normal',
    message: cut(summary),
    origin: 'alertmanager',
    alert: state,
  };
}

/** As of every stream; a rule that sums over everything but the job is about the service that the job scrapes. */
function alertEntity(name: string, labels: Labels): EntityRef {
  const entity = entityOfLabels(name, labels);
  const job = labelValue(labels, 'job');
  if (entity.kind !== 'series' || job === undefined) return entity;
  return { kind: 'service', namespace: entity.namespace, name: job.slice(job.lastIndexOf('/') + 1) };
}

function parse(body: Uint8Array): Record<string, unknown> {
  checkJsonDepth(body, envelopeDepth);
  let message: unknown;
  try {
    message = JSON.parse(textDecoder.decode(body));
  } catch (cause) {
    throw new KybernError('KYBERN_BODY_UNREADABLE', 'the body is not JSON in UTF-8', { cause });
  }
  return isObject(message) ? message : unreadable('it is not an object');
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textsOf = (value: unknown): [string, string][] =>
  isObject(value) ? Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string') : [];

const cut = (text: string) => (text.length > longestText ? text.slice(0, longestText) : text);

function unreadable(detail: string): never {
  throw new KybernError('KYBERN_BODY_UNREADABLE', `not a message of Alertmanager's webhook: ${detail}`);
}
