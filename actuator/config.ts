import { type Static, Type } from 'typebox';
import { oneOf } from '../model/index.ts';

const closed = { additionalProperties: false } as const;
const seconds = (value: number, description: string) => Type.Number({ minimum: 0, default: value, description });
const count = (value: number, description: string) => Type.Integer({ minimum: 0, default: value, description });

/** Most writes in any hour. */
const Budgets = Type.Object(
  {
    target: count(6, 'Most writes to one workload in any hour.'),
    namespace: count(20, 'Most writes in one namespace in any hour.'),
    cluster: count(60, 'Most writes in the cluster in any hour.'),
  },
  { ...closed, description: 'Change budgets.', default: {} },
);

/** The outer limits where the owner's annotations say nothing; an annotation may widen or narrow them. */
const Bounds = Type.Object(
  {
    minReplicas: Type.Integer({ minimum: 1, default: 1, description: 'Never fewer replicas, without an annotation.' }),
    maxReplicas: Type.Integer({ minimum: 1, default: 20, description: 'Never more replicas, without an annotation.' }),
    maxCpuCores: Type.Number({ minimum: 0, default: 8, description: 'Largest CPU request or limit of a container.' }),
    maxMemoryBytes: Type.Number({
      minimum: 0,
      default: 17_179_869_184,
      description: 'Largest memory request or limit of a container, in bytes.',
    }),
  },
  { ...closed, description: 'Bounds where annotations set none.', default: {} },
);

/** How far one action may go. */
const Steps = Type.Object(
  {
    upFactor: Type.Number({ minimum: 1, default: 2, description: 'At most this many times the value before.' }),
    upReplicas: Type.Integer({ minimum: 1, default: 4, description: 'Or this many replicas more, if that is more.' }),
    downRatio: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.1,
      description: 'At most this share less (of replicas at least one).',
    }),
  },
  { ...closed, description: 'Step limits of one action.', default: {} },
);

export const ActuatorConfig = Type.Object(
  {
    requireOptIn: Type.Boolean({
      default: true,
      description: 'Touch only objects labelled kybern.dev/managed: "true".',
    }),
    autoSources: Type.Array(oneOf(['diagnosis', 'forecast', 'search'], 'A source of proposals.'), {
      default: ['diagnosis', 'forecast'],
      description: 'Sources that mode auto acts on alone; proposals of others wait for a person.',
    }),
    killSwitchFile: Type.String({
      default: '',
      description: 'While a file is at this path nothing is written to the cluster; empty: no such file is looked for.',
    }),
    freshnessSeconds: seconds(120, 'A proposal whose evidence is older than this is not acted on.'),
    cooldownSeconds: seconds(60, 'Least time between two actions on one workload.'),
    stabilisationSeconds: seconds(300, 'Least time after any action before something is lowered.'),
    recheckSeconds: seconds(5, 'How often the gates of a waiting action are asked again.'),
    verifySeconds: seconds(180, 'How long the SLO is watched after an action.'),
    verifyHoldSeconds: seconds(30, 'How long a broken SLO must hold again to count as recovered.'),
    revertOnWorse: Type.Boolean({ default: true, description: 'Undo an action after which things are worse.' }),
    unknownSettleSeconds: seconds(15, 'How long a call of unknown fate is read back before it counts as not done.'),
    circuitFailures: Type.Integer({
      minimum: 1,
      default: 2,
      description: 'This many failed or reverted actions on one workload within an hour stop further ones.',
    }),
    oscillationChanges: Type.Integer({
      minimum: 1,
      default: 3,
      description: 'This many changes of direction within an hour freeze a workload.',
    }),
    haltUnreadyRatio: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.45,
      description: 'No action while a larger share of the nodes is not ready.',
    }),
    serverDryRun: Type.Boolean({
      default: true,
      description: 'Ask the API server to check each write before it is done.',
    }),
    writesPerTick: Type.Integer({ minimum: 1, default: 3, description: 'Most actions begun in one tick.' }),
    budgets: Budgets,
    bounds: Bounds,
    steps: Steps,
  },
  { ...closed, description: 'What may be done to the cluster, how much of it and how fast.', default: {} },
);
export type ActuatorConfig = Static<typeof ActuatorConfig>;
