import { type Static, Type } from 'typebox';

const share = (standard: number, description: string) =>
  Type.Number({ default: standard, exclusiveMinimum: 0, maximum: 1, description });

export const NodesConfig = Type.Object(
  {
    enabled: Type.Boolean({ default: true, description: 'Whether failures of nodes are foretold.' }),
    horizonSeconds: Type.Number({
      default: 14_400,
      minimum: 60,
      description: 'How far ahead is looked: confidence is the probability that the node fails within this time.',
    }),
    minimumConfidence: Type.Number({
      default: 0.8,
      minimum: 0.05,
      maximum: 0.99,
      description: 'An anomaly is raised from this confidence on.',
    }),
    minimumLeadSeconds: Type.Number({
      default: 0,
      minimum: 0,
      description: 'What is expected sooner than this is not foretold any more: it is left to what sees the failure.',
    }),
    evaluateSeconds: Type.Number({
      default: 15,
      minimum: 1,
      description: 'Event time between two looks at the nodes, and the finest step of a trend.',
    }),
    persistentLooks: Type.Integer({
      default: 2,
      minimum: 1,
      maximum: 10,
      description: 'Looks in a row with new data that must find the failure likely before an anomaly is raised.',
    }),
    clearSeconds: Type.Number({
      default: 900,
      minimum: 0,
      description:
        'An anomaly clears once the failure has been unlikely (half the confidence) for this long, nothing it named as running out is full, and the node is ready.',
    }),
    mergeSeconds: Type.Number({
      default: 1800,
      minimum: 0,
      description: 'An anomaly raised again within this time of clearing is the same one.',
    }),
    missingHeartbeatSeconds: Type.Number({
      default: 25,
      minimum: 5,
      description: "Age of a node's lease from which a heartbeat counts as missing; kubelets renew it every 10 s.",
    }),
    evictFrom: Type.Object(
      {
        disk: share(0.9, 'Of the file system that the kubelet keeps its files on (`nodefs.available`).'),
        inodes: share(0.95, 'Of its inodes (`nodefs.inodesFree`).'),
      },
      {
        additionalProperties: false,
        default: {},
        description:
          "The taken share from which the kubelets here evict pods, told beside when it is full: 1 less their hard thresholds, Kubernetes' own unless told otherwise.",
      },
    ),
    forgetSeconds: Type.Number({
      default: 86_400,
      minimum: 60,
      description: 'A node of which nothing was heard for this long is forgotten.',
    }),
  },
  { additionalProperties: false, default: {}, description: 'Failures of nodes, foretold.' },
);
export type NodesConfig = Static<typeof NodesConfig>;
