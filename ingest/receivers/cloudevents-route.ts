import type { FastifyInstance, FastifyRequest } from 'fastify';
import { KybernError } from '../../model/index.ts';
import { decodeCloudEvents } from '../cloudevents/decode-cloud-events.ts';
import { eventMeaning } from '../cloudevents/event-meaning.ts';
import type { IngestLimits } from '../config.ts';
import type { Tally } from '../intake/tally.ts';
import { defaultTenant, type Tenant } from '../intake/tenant.ts';
import { type BodyDoor, type IntakeDeps, takeBody } from './body-intake.ts';
import { decompress } from './decompress.ts';
import { registerPushDoor } from './push-door.ts';

const at = { protocol: 'cloudevents', signal: 'events' } as const;

/**
 * CloudEvents 1.0 over HTTP: POST /api/v1/cloudevents in binary, structured or batch mode. 204 where all was taken, 400
 * where a message or a member of a batch is no event, 415 for a format other than JSON. An event sent again is the same
 * event: its id follows from its source and id.
 */
export function createCloudEventsRoute(deps: IntakeDeps & { limits: IngestLimits }) {
  const { limits } = deps;

  function decode(request: FastifyRequest, body: Uint8Array, nowMs: number, tally: Tally, tenant: Tenant) {
    const content = decodeCloudEvents({ headers: headersOf(request), body }, 'http', limits.nestingDepth);
    if (content.kind === 'unsupported') throw new KybernError('KYBERN_CONTENT_TYPE', content.reason);
    if (content.kind !== 'events') {
      const reason = content.kind === 'tombstone' ? 'no event' : content.reason;
      throw new KybernError('KYBERN_BODY_UNREADABLE', `not a CloudEvent: ${reason}`);
    }
    const latestMs = nowMs + limits.futureSeconds * 1000;
    const events = content.events.filter((event) => (event.timeMs ?? nowMs) <= latestMs);
    tally.received = content.events.length + content.refused.length;
    tally.accepted = events.length;
    tally.rejected.invalid = content.refused.length;
    tally.rejected.future = content.events.length - events.length;
    return {
      kind: 'cluster' as const,
      timeMs: nowMs,
      events: events.map((event) => eventMeaning(event, nowMs, tenant)),
      count: events.length,
    };
  }

  return function registerCloudEvents(app: FastifyInstance): void {
    registerPushDoor(app, deps, {
      ...at,
      url: '/api/v1/cloudevents',
      take: async (body, request) => {
        const door: BodyDoor = {
          ...at,
          open: (wire) => decompress(wire, request.headers['content-encoding'], limits),
          decode: (plain, nowMs, tally, tenant) => decode(request, plain, nowMs, tally, tenant),
        };
        return await takeBody(deps, door, body, defaultTenant);
      },
    });
  };
}

function headersOf(request: FastifyRequest): [string, string][] {
  return Object.entries(request.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as [string, string]],
  );
}
