import { type ClusterBatch, KybernError } from '../../model/index.ts';
import type { Tally } from '../intake/tally.ts';
import type { Tenant } from '../intake/tenant.ts';
import { type CloudBinding, type CloudMessage, decodeCloudEvents } from './decode-cloud-events.ts';
import { eventMeaning } from './event-meaning.ts';

/**
 * The events of a message as rows of the log, each counted in the tally; those from too far in the future and members of
 * a batch that are no events are refused. A tombstone has none. Throws KYBERN_CONTENT_TYPE for a format other than JSON,
 * KYBERN_BODY_UNREADABLE where the message is no event at all.
 */
export function cloudEventsBatch(
  message: CloudMessage,
  binding: CloudBinding,
  nowMs: number,
  tally: Tally,
  tenant: Tenant,
  limits: { readonly nestingDepth: number; readonly futureSeconds: number },
): ClusterBatch & { readonly count: number } {
  const content = decodeCloudEvents(message, binding, limits.nestingDepth);
  if (content.kind === 'tombstone') return { kind: 'cluster', timeMs: nowMs, events: [], count: 0 };
  if (content.kind === 'unsupported') throw new KybernError('KYBERN_CONTENT_TYPE', content.reason);
  if (content.kind === 'unreadable') {
    throw new KybernError('KYBERN_BODY_UNREADABLE', `not a CloudEvent: ${content.reason}`);
  }
  const latestMs = nowMs + limits.futureSeconds * 1000;
  const events = content.events.filter((event) => (event.timeMs ?? nowMs) <= latestMs);
  tally.received += content.events.length + content.refused.length;
  tally.accepted += events.length;
  tally.rejected.invalid += content.refused.length;
  tally.rejected.future += content.events.length - events.length;
  return {
    kind: 'cluster',
    timeMs: nowMs,
    events: events.map((event) => eventMeaning(event, nowMs, tenant)),
    count: events.length,
  };
}
