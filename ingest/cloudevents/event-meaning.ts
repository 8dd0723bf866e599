import { type ClusterEvent, contentId } from '../../model/index.ts';
import type { Tenant } from '../intake/tenant.ts';
import type { CloudEvent } from './cloud-event.ts';
import { type Naming, namedEntity } from './named-entity.ts';

type ChangeKind = NonNullable<ClusterEvent['change']>['what'];

/** The type of events that people and scripts send to tell Kybern of a change. */
export const ownChangeType = 'dev.kybern.change.v1';

/** Words of an event's type that say what sort of change it tells of, by who is known to send them. */
const changeWords: readonly (readonly [RegExp, ChangeKind])[] = [
  // CDEvents: dev.cdevents.service.deployed.0.2.0 and so on.
  [/^dev\.cdevents\.service\.(deployed|upgraded|rolledback|removed)\b/, 'rollout'],
  [/^dev\.cdevents\.environment\.(modified|created|deleted)\b/, 'config'],
  // GitHub's deployments, as Knative's GitHub source and others name them.
  [/\bgithub\.(.*\.)?deployment(_status)?\b/, 'rollout'],
  // Argo CD, Argo Rollouts and Flux: their triggers and reasons behind a prefix that the user chooses.
  [
    /\b(argo\w*|argoproj|flux\w*|toolkit)\b.*\b(deployed|synced|sync|rollout|reconciled|upgraded|rolledback)\b/,
    'rollout',
  ],
  [
    /\b(config|configmap|configuration|featureflag|feature_flag|flag)\b.*\b(changed|updated|modified|toggled)\b/,
    'config',
  ],
];

const longestText = 1000;

/**
 * What an event is to Kybern: a change of the entity that it names, where its type is one of deployments or
 * configuration; else an event with its type as the reason. Its id follows from source and id, which is what tells one
 * event from another: sent twice, it is one.
 */
export function eventMeaning(event: CloudEvent, nowMs: number, tenant: Tenant): ClusterEvent {
  const fields = fieldsOf(event);
  const what = changeOf(event.type, fields);
  const message = fields.get('message') ?? fields.get('description') ?? fields.get('summary');
  const named = namingOf(event, fields);
  return {
    id: contentId('evt', 'cloudevents', tenant.name, event.source, event.id),
    atMs: event.timeMs ?? nowMs,
    entity: namedEntity(named),
    reason: cut(event.type),
    type: 'Normal',
    message: cut(
      message ?? `${event.type} from ${event.source}${event.subject === undefined ? '' : ` on ${event.subject}`}`,
    ),
    origin: 'cloudevents',
    ...(what === undefined ? {} : { change: { what, by: cut(fields.get('by') ?? event.source) } }),
  };
}

function changeOf(type: string, fields: ReadonlyMap<string, string>): ChangeKind | undefined {
  if (type === ownChangeType) {
    const what = fields.get('what');
    return what === 'config' || what === 'scale' ? what : 'rollout';
  }
  return changeWords.find(([pattern]) => pattern.test(type.slice(0, longestText).toLowerCase()))?.[1];
}

/** A CDEvent's subject is within its data; of other events it is the attribute. */
function namingOf(event: CloudEvent, fields: ReadonlyMap<string, string>): Naming {
  return { subject: fields.get('subject.id') ?? event.subject ?? '', fields };
}

/**
 * Texts of the data by lower-case name: of the data itself, of `metadata`, `customData` and of the subject's content, the
 * outermost winning; and the event's extension attributes before all.
 */
function fieldsOf(event: CloudEvent): ReadonlyMap<string, string> {
  const fields = new Map(event.extensions);
  const add = (value: unknown, names: (name: string) => string = (name) => name.toLowerCase()) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    for (const [name, text] of Object.entries(value).slice(0, 200)) {
      if (typeof text === 'string' && text !== '' && !fields.has(names(name))) fields.set(names(name), text);
    }
  };
  if (event.data.kind !== 'json') return fields;
  const data = event.data.value;
  add(data);
  const subject = member(data, 'subject');
  add(member(data, 'metadata'));
  add(member(data, 'customData'));
  add(subject, (name) => `subject.${name.toLowerCase()}`);
  add(member(subject, 'content'));
  // What CDEvents call an environment is where the service runs: in a cluster, a namespace.
  const environment = member(member(member(subject, 'content'), 'environment'), 'id');
  if (typeof environment === 'string' && environment !== '' && !fields.has('namespace')) {
    fields.set('namespace', environment.slice(environment.lastIndexOf('/') + 1));
  }
  return fields;
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

const cut = (text: string) => (text.length > longestText ? text.slice(0, longestText) : text);
