import { Type } from 'typebox';
import {
  modes,
  oneOf,
  type ReceivedAt,
  type SloStatus,
  Timestamp,
  telemetryKinds,
  toTimestamp,
} from '../../model/index.ts';
import { problems } from '../schemas/responses.ts';
import { SloRef } from '../schemas/shared-schemas.ts';
import type { RegisterRoutes } from './route-context.ts';

const Status = Type.Object(
  {
    version: Type.String({ description: 'Version of Kybern.' }),
    mode: oneOf(modes, 'The mode in force.'),
    killSwitch: Type.Boolean({ description: 'Whether all writes are stopped.' }),
    demo: Type.Optional(
      Type.Object(
        { seed: Type.Integer({ description: 'Seed of the simulator.' }) },
        { description: 'Present while the simulated shop stands in for a cluster.' },
      ),
    ),
    startedAt: Timestamp('When this process started.'),
    now: Timestamp('Time of the server.'),
    uptimeSeconds: Type.Number({ description: 'Seconds since the start.' }),
    series: Type.Integer({ description: 'Series being scored.' }),
    learning: Type.Integer({ description: 'Series still learning what is normal.' }),
    resident: Type.Optional(
      Type.Integer({ description: 'Of the series being scored those in memory; idle ones may be put aside on disk.' }),
    ),
    lastReceived: Type.Object(
      {
        metrics: Type.Optional(Timestamp('Of metrics.')),
        logs: Type.Optional(Timestamp('Of logs.')),
        traces: Type.Optional(Timestamp('Of traces.')),
        cluster: Type.Optional(Timestamp('Of what the cluster said.')),
      },
      { description: 'When signals of each kind that have been analysed here were last received.' },
    ),
    ready: Type.Boolean({ description: 'Whether every part is ready; /readyz says which is not.' }),
  },
  { description: 'The state of this Kybern.' },
);

const Standing = Type.Object(
  {
    at: Timestamp('End of the latest closed window.'),
    latencyP95Ms: Type.Number({ description: '95th percentile of the latency in milliseconds.' }),
    errorRatio: Type.Number({ description: 'Share of requests that failed.' }),
    requestRate: Type.Number({ description: 'Requests per second.' }),
    met: Type.Boolean({ description: 'Whether the SLO holds.' }),
  },
  { description: 'Where the service stands; absent until a window has closed.' },
);
const SloList = Type.Object(
  {
    items: Type.Array(
      Type.Object({ slo: SloRef, standing: Type.Optional(Standing) }, { description: 'An SLO and its standing.' }),
      { description: 'Every SLO in the configuration.' },
    ),
  },
  { description: 'What services owe their users.' },
);

export const registerStatusRoutes: RegisterRoutes = (app, { engine, slos, clock, version }) => {
  app.get(
    '/api/v1/status',
    {
      schema: {
        tags: ['control'],
        operationId: 'getStatus',
        summary: 'Version, mode, uptime and how much is watched.',
        response: { 200: Status, ...problems },
      },
    },
    async () => {
      const nowMs = clock.now();
      const { info, actuator } = engine;
      return {
        version,
        mode: actuator.mode,
        killSwitch: actuator.killSwitch,
        ...(info.demo === undefined ? {} : { demo: info.demo }),
        startedAt: toTimestamp(info.startedAtMs),
        now: toTimestamp(nowMs),
        uptimeSeconds: Math.max(0, (nowMs - info.startedAtMs) / 1000),
        ...engine.detectorStatus(),
        lastReceived: timestampsOf(engine.lastReceived()),
        ready: engine.readiness().every((part) => part.ready),
      };
    },
  );
  app.get(
    '/api/v1/slos',
    {
      schema: {
        tags: ['control'],
        operationId: 'listSlos',
        summary: 'The SLOs and whether they hold.',
        response: { 200: SloList, ...problems },
      },
    },
    async () => {
      const standings = engine.sloStatuses?.() ?? [];
      return {
        items: slos.map((slo) => {
          const found = standings.find((one) => one.service === slo.service && sameNamespace(slo.namespace, one));
          return found === undefined ? { slo } : { slo, standing: standingOf(found) };
        }),
      };
    },
  );
};

function sameNamespace(wanted: string | undefined, status: SloStatus): boolean {
  return wanted === undefined || wanted === status.namespace;
}

function standingOf({ atMs, latencyP95Ms, errorRatio, requestRate, met }: SloStatus) {
  return { at: toTimestamp(atMs), latencyP95Ms, errorRatio, requestRate, met };
}

function timestampsOf(received: ReceivedAt) {
  return Object.fromEntries(
    telemetryKinds.flatMap((kind) => {
      const receivedMs = received[kind];
      return receivedMs === undefined ? [] : [[kind, toTimestamp(receivedMs)]];
    }),
  );
}
