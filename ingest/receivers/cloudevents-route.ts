import type { FastifyInstance, FastifyRequest } from 'fastify';
import { KybernError } from '../../model/index.ts';
import { cloudEventsBatch } from '../cloudevents/events-batch.ts';
import type { IngestLimits } from '../config.ts';
import { type BodyDoor, type IntakeDeps, takeBody } from './body-intake.ts';
import { decompress } from './decompress.ts';
import { parseMediaType } from './media-type.ts';
import { registerPushDoor } from './push-door.ts';

const at = { protocol: 'cloudevents', signal: 'events' } as const;

/**
 * CloudEvents 1.0 over HTTP: POST /api/v1/cloudevents in binary, structured or batch mode. 204 where all was taken, 400
 * where a message or a member of a batch is no event, 415 for a format other than JSON. An event sent again is the same
 * event: its id follows from its source and id.
 */
export function createCloudEventsRoute(deps: IntakeDeps & { limits: IngestLimits }) {
  const { limits } = deps;

  return function registerCloudEvents(app: FastifyInstance): void {
    registerPushDoor(app, deps, {
      ...at,
      url: '/api/v1/cloudevents',
      take: async (body, request) => {
        // Of a torn type the modes would be told apart by its first letters.
        const type = request.headers['content-type'];
        if (type !== undefined && parseMediaType(type) === undefined) {
          throw new KybernError('KYBERN_CONTENT_TYPE', 'the content type is not of the form that HTTP gives it');
        }
        const door: BodyDoor = {
          ...at,
          open: (wire) => decompress(wire, request.headers['content-encoding'], limits),
          decode: (plain, nowMs, tally, tenant) =>
            cloudEventsBatch({ headers: headersOf(request), body: plain }, 'http', nowMs, tally, tenant, limits),
        };
        return await takeBody(deps, door, body, deps.tenants.of(request.headers));
      },
    });
  };
}

function headersOf(request: FastifyRequest): [string, string][] {
  return Object.entries(request.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as [string, string]],
  );
}
