import { type Static, Type } from 'typebox';

const ServerConfig = Type.Object(
  {
    host: Type.String({ default: '127.0.0.1', minLength: 1, description: 'Address to listen on.' }),
    port: Type.Integer({ default: 8080, minimum: 0, maximum: 65_535, description: 'Port; 0 takes a free one.' }),
    allowedHosts: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'Host names beside localhost and IP addresses by which people reach this server; others are refused, so that a web page cannot reach it by DNS rebinding.',
    }),
    requestTimeoutSeconds: Type.Number({
      default: 30,
      exclusiveMinimum: 0,
      description: 'A request must have arrived whole within this.',
    }),
    handlerTimeoutSeconds: Type.Number({
      default: 30,
      exclusiveMinimum: 0,
      description: 'An answer of the REST API must be ready within this.',
    }),
    connectionTimeoutSeconds: Type.Number({
      default: 120,
      exclusiveMinimum: 0,
      description: 'A connection with no traffic at all is closed after this; longer than events.heartbeatSeconds.',
    }),
    keepAliveTimeoutSeconds: Type.Number({
      default: 75,
      exclusiveMinimum: 0,
      description: 'An idle connection is kept open this long between requests.',
    }),
    bodyBytes: Type.Integer({
      default: 65_536,
      minimum: 1024,
      description: 'Largest body of a REST request in bytes; the receivers have their own limit.',
    }),
  },
  { default: {}, additionalProperties: false, description: 'The HTTP server.' },
);

const PagesConfig = Type.Object(
  {
    defaultItems: Type.Integer({ default: 50, minimum: 1, description: 'Items of a page where no limit is asked.' }),
    maxItems: Type.Integer({ default: 500, minimum: 1, description: 'Most items of a page.' }),
  },
  { default: {}, additionalProperties: false, description: 'Paging of lists.' },
);

const QueryConfig = Type.Object(
  {
    defaultPoints: Type.Integer({ default: 500, minimum: 1, description: 'Points a series where none are asked.' }),
    maxPoints: Type.Integer({ default: 5000, minimum: 1, description: 'Most points a series in an answer.' }),
    maxSeries: Type.Integer({ default: 20, minimum: 1, description: 'Most series in an answer with points.' }),
  },
  { default: {}, additionalProperties: false, description: 'Reading of series.' },
);

const EventsConfig = Type.Object(
  {
    heartbeatSeconds: Type.Number({ default: 15, exclusiveMinimum: 0, description: 'Time between heartbeats.' }),
    replayEvents: Type.Integer({
      default: 500,
      minimum: 0,
      description: 'Events kept for clients that come back with Last-Event-ID.',
    }),
    clientBufferBytes: Type.Integer({
      default: 1_048_576,
      minimum: 1024,
      description: 'A client that has more than this unread is cut; it may come back.',
    }),
    maxClients: Type.Integer({ default: 64, minimum: 1, description: 'Most streams open at a time.' }),
  },
  { default: {}, additionalProperties: false, description: 'The stream of server-sent events.' },
);

export const ApiConfig = Type.Object(
  { server: ServerConfig, pages: PagesConfig, query: QueryConfig, events: EventsConfig },
  { default: {}, additionalProperties: false, description: 'REST API, event stream and dashboard.' },
);
export type ApiConfig = Static<typeof ApiConfig>;
