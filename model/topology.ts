import { type Static, Type } from 'typebox';
import { EntityRef } from './entity.ts';
import { oneOf } from './one-of.ts';
import { Timestamp } from './timestamp.ts';

/** calls: service to service; owns: workload to pod; runs-on: pod to node; serves: workload or pod to service. */
export const edgeKinds = ['calls', 'owns', 'runs-on', 'serves'] as const;
export type EdgeKind = (typeof edgeKinds)[number];

export const TopologyEdge = Type.Object(
  {
    from: EntityRef,
    to: EntityRef,
    kind: oneOf(edgeKinds, 'How they are connected.'),
    requestRate: Type.Optional(Type.Number({ description: 'Calls per second, for calls.' })),
    errorRatio: Type.Optional(Type.Number({ description: 'Share of calls that fail, for calls.' })),
    meanDurationMs: Type.Optional(Type.Number({ description: 'Mean duration of a call in milliseconds, for calls.' })),
    seenAt: Timestamp('When it was last seen.'),
  },
  { description: 'A connection between two entities.' },
);
export type TopologyEdge = Static<typeof TopologyEdge>;

export const TopologyNode = Type.Object(
  {
    entity: EntityRef,
    health: oneOf(['healthy', 'anomalous', 'cause', 'symptom', 'unknown'], 'As its open anomalies and incidents say.'),
    seenAt: Timestamp('When a signal of it was last seen.'),
    anomalies: Type.Integer({ minimum: 0, description: 'Number of firing anomalies.' }),
  },
  { description: 'An entity with its health.' },
);
export type TopologyNode = Static<typeof TopologyNode>;

export const Topology = Type.Object(
  {
    nodes: Type.Array(TopologyNode, { description: 'Entities with their health.' }),
    edges: Type.Array(TopologyEdge, { description: 'Connections between them.' }),
  },
  { description: 'The typed graph that causes travel on.' },
);
export type Topology = Static<typeof Topology>;

/** Calls of one service to another in one window, as the traces (or a service-graph metric) showed them. */
export interface CallObservation {
  readonly caller: EntityRef;
  readonly callee: EntityRef;
  readonly windowEndMs: number;
  readonly windowSeconds: number;
  readonly calls: number;
  readonly errors: number;
  readonly durationSumMs: number;
}
