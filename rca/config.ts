import { type Static, Type } from 'typebox';

const seconds = (value: number, description: string) =>
  Type.Number({ exclusiveMinimum: 0, default: value, description });

export const RcaConfig = Type.Object(
  {
    historyPoints: Type.Integer({
      minimum: 32,
      default: 360,
      description: 'Recent points kept of each series, as evidence.',
    }),
    historyResolutionSeconds: seconds(1, 'Points closer together than this are kept as one.'),
    seriesLimit: Type.Integer({
      minimum: 1,
      default: 50_000,
      description: 'Series kept as evidence at most; later ones are counted and left out.',
    }),
    edgeTtlSeconds: seconds(1800, 'A connection not seen for this long is forgotten.'),
    podLingerSeconds: seconds(300, 'A pod that left the cluster is remembered this long.'),
    maxHops: Type.Integer({ minimum: 1, default: 6, description: 'Longest way from a cause to a symptom, in hops.' }),
    lookbackSeconds: seconds(
      120,
      'How far before the first symptom a cause may have begun to show; at least two sampling intervals.',
    ),
    changeLookbackSeconds: seconds(600, 'How far before the first symptom a rollout or config change is a suspect.'),
    openSeverity: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.9,
      description: 'A latency or error anomaly opens an incident from this severity on.',
    }),
    persistSeconds: seconds(10, 'How long a latency or error anomaly has to last before it opens an incident.'),
    eventHoldSeconds: seconds(60, 'How long a state event counts as a symptom that goes on.'),
    staleSeconds: seconds(
      120,
      'A symptom whose series fell silent for this long, and three sampling intervals, counts as over.',
    ),
    groupSeconds: seconds(
      600,
      'A symptom joins an open incident whose last sign of life is no older than this, or two sampling intervals.',
    ),
    quietSeconds: seconds(25, 'An incident is resolved once every symptom has been clear for this long.'),
    diagnoseEverySeconds: seconds(3, 'Least event time between two diagnoses of one incident.'),
    alertHoldSeconds: seconds(
      18_000,
      "An alert of another system that is not told again for this long counts as over; longer than the sender's repeat_interval.",
    ),
    afterActionSeconds: seconds(
      120,
      'The diagnosis stands this long after a change that answers the incident: what is seen then is its effect.',
    ),
    unknownLogit: Type.Number({
      default: 3,
      description: 'Log-odds of "none of these": what the evidence for a cause has to beat.',
    }),
    abstainBelow: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.5,
      description: 'Below this probability of the first cause the diagnosis abstains.',
    }),
  },
  { description: 'Root causes: the graph, the evidence and the life of incidents.', additionalProperties: false },
);
export type RcaConfig = Static<typeof RcaConfig>;
