import type { ServerResponse } from 'node:http';
import { Type } from 'typebox';
import { noMetrics } from '../../model/index.ts';
import { createEventHub, type EventSink } from '../events/event-hub.ts';
import { problems } from '../schemas/responses.ts';
import type { RegisterRoutes } from './route-context.ts';

const EventHeaders = Type.Object(
  {
    'last-event-id': Type.Optional(
      Type.String({ maxLength: 300, description: 'Id of the last event seen: what came after it is sent first.' }),
    ),
  },
  { description: 'Sent by browsers when they come back.' },
);
const EventStream = Type.String({
  description: [
    'Server-sent events. `event:` is incident, anomaly, proposal, action, audit, feedback or maintenance and `data:` the same object as',
    'in the lists; `id:` identifies its revision. `event: resync` says that Last-Event-ID is too long ago: read the lists again.',
    'A comment line comes as heartbeat. A client that does not read is cut.',
  ].join(' '),
});

export const registerEventRoutes: RegisterRoutes = (app, { engine, config, clock, metrics }) => {
  const hub = createEventHub(engine, config.events, clock, metrics ?? noMetrics);
  app.addHook('preClose', async () => hub.close());
  app.get(
    '/api/v1/events',
    {
      exposeHeadRoute: false,
      config: { streams: true },
      schema: {
        tags: ['events'],
        operationId: 'streamEvents',
        summary: 'Everything that is decided, as it happens.',
        headers: EventHeaders,
        response: {
          200: {
            description: 'An endless stream.',
            content: { 'text/event-stream': { schema: EventStream } },
          },
          ...problems,
        },
      },
    },
    (request, reply) => {
      const { raw } = reply;
      const sink = createResponseSink(raw);
      const sendHead = () => {
        reply.hijack();
        raw.writeHead(200, {
          ...(reply.getHeaders() as Record<string, string>),
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store, no-transform',
          'x-accel-buffering': 'no',
        });
      };
      const close = hub.open({ ...sink, write: afterFirst(sendHead, sink.write) }, request.headers['last-event-id']);
      raw.on('close', close);
      raw.on('error', close);
    },
  );
};

function createResponseSink(raw: ServerResponse): EventSink {
  return {
    write: (text) => void raw.write(text),
    pendingBytes: () => raw.writableLength,
    end: () => void raw.end(),
    cut: () => void raw.destroy(),
  };
}

/** Runs `first` once, before the first write: a refused client must still get an ordinary error answer. */
function afterFirst(first: () => void, write: (text: string) => void): (text: string) => void {
  let started = false;
  return (text) => {
    if (!started) {
      started = true;
      first();
    }
    write(text);
  };
}
