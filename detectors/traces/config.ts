import { type Static, Type } from 'typebox';

export const TracesConfig = Type.Object(
  {
    windowSeconds: Type.Number({ default: 5, exclusiveMinimum: 0, description: 'Length of a window.' }),
    minimumRequests: Type.Integer({
      default: 50,
      minimum: 1,
      description:
        'Windows of a service or operation with fewer requests are joined with the next ones until there are as many; where fewer come than is usual, half as long again.',
    }),
    joinSeconds: Type.Number({
      default: 300,
      minimum: 0,
      description: 'For so long at most; after that the few there are are told too.',
    }),
    spanCache: Type.Integer({
      default: 524_288,
      minimum: 1024,
      maximum: 16_777_216,
      description:
        'Most spans remembered to find callers and to put traces together, 72 bytes each; room is taken as the traffic needs it.',
    }),
    traceSeconds: Type.Number({
      default: 15,
      minimum: 0,
      description: 'Spans are remembered this long after they ended: what takes longer is the own time of its caller.',
    }),
    pathSpans: Type.Integer({
      default: 10_000,
      minimum: 100,
      description:
        'Spans of a window whose critical paths are followed; of busier windows that share of the traces, chosen by id.',
    }),
    operationsPerService: Type.Integer({
      default: 50,
      minimum: 1,
      description: 'Operations with series of their own; further ones count for the service only.',
    }),
    maxOperations: Type.Integer({
      default: 10_000,
      minimum: 1,
      description: 'The same for all services together.',
    }),
    maxEdges: Type.Integer({
      default: 4000,
      minimum: 1,
      description: 'Callers and callees that are watched for new and lost edges of the call graph.',
    }),
    edgeLearnSeconds: Type.Number({
      default: 1800,
      minimum: 0,
      description: 'Event time from the first request of a service on in which no call that it makes counts as new.',
    }),
    newEdgeSeconds: Type.Number({ default: 300, minimum: 1, description: 'A new edge is told this long.' }),
    lostEdgeConfidence: Type.Number({
      default: 0.999,
      minimum: 0.5,
      maximum: 0.999999,
      description:
        'An edge is lost once its silence is no chance with this probability, by its rate and its clustering.',
    }),
    lostEdgeSeconds: Type.Number({
      default: 1800,
      minimum: 1,
      description:
        'A lost edge is told until it is called again, its caller is silent, or so long: then it is accepted.',
    }),
    idleSeconds: Type.Number({
      default: 600,
      minimum: 1,
      description:
        'A service or operation without requests this long is no longer emitted; what was told of a service without requests stands until there are some.',
    }),
  },
  { additionalProperties: false, default: {}, description: 'Rate, errors, duration and calls from spans.' },
);
export type TracesConfig = Static<typeof TracesConfig>;
