import type { FastifyInstance } from 'fastify';
import { KybernError, type Metrics } from '../../model/index.ts';
import { decodeWebhook } from '../alertmanager/decode-webhook.ts';
import type { IngestLimits } from '../config.ts';
import { type BodyDoor, type IntakeDeps, takeBody } from './body-intake.ts';
import { decompress } from './decompress.ts';
import { parseMediaType } from './media-type.ts';
import { registerPushDoor } from './push-door.ts';

const at = { protocol: 'alertmanager', signal: 'alerts' } as const;

/** Alertmanager sends a group at a time; one this large is no group. */
const mostAlerts = 10_000;

/**
 * Alertmanager's webhook, version 4: POST /api/v1/alerts/webhook. 204 where all was taken, 400 where it is another version
 * or some alert was refused, 413 beyond 10,000 alerts. Alertmanager sends again on 5xx only.
 */
export function createAlertmanagerRoute(deps: IntakeDeps & { limits: IngestLimits; own: Metrics }) {
  const { limits } = deps;
  const truncated = deps.own.counter(
    'kybern_ingest_alerts_truncated_total',
    'Alerts that Alertmanager left out of its messages, over max_alerts of the receiver.',
  );

  return function registerAlertmanager(app: FastifyInstance): void {
    registerPushDoor(app, deps, {
      ...at,
      url: '/api/v1/alerts/webhook',
      take: async (body, request) => {
        if (parseMediaType(request.headers['content-type'])?.type !== 'application/json') {
          throw new KybernError('KYBERN_CONTENT_TYPE', 'content type taken here: application/json');
        }
        const door: BodyDoor = {
          ...at,
          open: (wire) => decompress(wire, request.headers['content-encoding'], limits),
          decode(plain, nowMs, tally, tenant) {
            const group = decodeWebhook(plain, nowMs, tally, tenant, limits, mostAlerts);
            if (group.truncated > 0) truncated.add(group.truncated);
            return { kind: 'cluster', timeMs: nowMs, events: group.events, count: group.events.length };
          },
        };
        return await takeBody(deps, door, body, deps.tenants.of(request.headers));
      },
    });
  };
}
