import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const seconds = (value: number, description: string) =>
  Type.Number({ exclusiveMinimum: 0, default: value, description });
const share = (value: number, description: string) =>
  Type.Number({ exclusiveMinimum: 0, maximum: 1, default: value, description });

const Prices = Type.Object(
  {
    cpuCoreHour: Type.Number({ minimum: 0, default: 0.0316, description: 'Price of one requested core for an hour.' }),
    memoryGibHour: Type.Number({ minimum: 0, default: 0.0042, description: 'Price of one requested GiB for an hour.' }),
  },
  { ...closed, default: {}, description: 'What resources cost, in any one currency.' },
);

const Horizontal = Type.Object(
  {
    targetUtilisation: share(0.65, 'Share of its CPU that a pod should use at most at the upper end of the forecast.'),
    horizonSeconds: seconds(75, 'How far ahead load is forecast: the time a new pod needs, and a margin.'),
    confirmations: Type.Integer({
      minimum: 1,
      default: 2,
      description: 'So many evaluations in a row must want more replicas.',
    }),
    tolerance: Type.Number({
      minimum: 0,
      default: 0.1,
      description: 'Deviations from the target this small are left.',
    }),
    stabilisationSeconds: seconds(300, 'Replicas are lowered to the most wanted within this time.'),
    lowerAfterSeconds: seconds(
      1800,
      'Fewer replicas than the owner had set only after this much observation; what was scaled out comes back sooner.',
    ),
    latencyMargin: share(0.85, 'Modelled latency must stay below this share of the SLO.'),
    minReplicas: Type.Integer({ minimum: 1, default: 1, description: 'Never fewer, where no annotation says so.' }),
    maxReplicas: Type.Integer({ minimum: 1, default: 20, description: 'Never more, where no annotation says so.' }),
    upFactor: Type.Number({ minimum: 1, default: 2, description: 'At most this many times the replicas in one step.' }),
    upReplicas: Type.Integer({ minimum: 1, default: 4, description: 'Or this many more, if that is more.' }),
    downRatio: share(0.1, 'At most this share fewer in one step, at least one.'),
  },
  { ...closed, default: {}, description: 'Replicas ahead of the load.' },
);

const Vertical = Type.Object(
  {
    usageRatio: share(0.8, 'Growing memory above this share of its limit is met.'),
    horizonSeconds: seconds(600, 'Or growing memory that would be at its limit within this time.'),
    trendSeconds: seconds(180, 'Growth counts once it has held for this long.'),
    upFactor: Type.Number({ minimum: 1, maximum: 2, default: 1.5, description: 'Least step of a raise.' }),
    maxMemoryBytes: Type.Number({
      minimum: 0,
      default: 17_179_869_184,
      description: 'Largest memory limit in bytes, where no annotation says so.',
    }),
    maxCpuCores: Type.Number({
      minimum: 0,
      default: 8,
      description: 'Largest CPU request or limit in cores, where no annotation says so.',
    }),
  },
  { ...closed, default: {}, description: 'Memory ahead of its limit.' },
);

const Remedies = Type.Object(
  {
    probability: share(0.5, 'A diagnosis must be at least this sure before something is proposed for it.'),
    memoryFactor: Type.Number({
      minimum: 1,
      maximum: 2,
      default: 2,
      description: 'A memory limit that killed is raised by this factor.',
    }),
  },
  { ...closed, default: {}, description: 'What is proposed for a diagnosed incident.' },
);

const Search = Type.Object(
  {
    intervalSeconds: seconds(300, 'How often a cheaper size is looked for.'),
    historySeconds: seconds(1800, 'Least observation of a workload before that.'),
    minimumSaving: share(0.05, 'Only sizes that save at least this share of the cost are proposed.'),
    stepRatio: share(0.1, 'Grid of CPU and memory: steps of this share of what is set now.'),
    memoryMargin: Type.Number({
      minimum: 1,
      default: 1.3,
      description: 'Memory is kept this many times above the peak.',
    }),
  },
  { ...closed, default: {}, description: 'The search for the cheapest size that keeps the SLO.' },
);

export const TunerConfig = Type.Object(
  {
    evaluateSeconds: seconds(5, 'How often workloads are judged, in event time.'),
    freshSeconds: seconds(60, 'Usage older than this counts as missing.'),
    snapshotFreshSeconds: seconds(90, 'A listing of the cluster older than this counts as missing.'),
    historySeconds: seconds(900, 'How much recent load is kept for forecasts and the model.'),
    seasonSeconds: seconds(86_400, 'Length of the daily rhythm; used once two of them were seen.'),
    proposalSeconds: seconds(300, 'A proposal is good for this long after it was last found to hold.'),
    renewSeconds: seconds(60, 'A proposal that still holds is renewed this often.'),
    hpaUtilisation: share(0.8, "Utilisation target of the HPA baseline: Kubernetes' own default."),
    prices: Prices,
    horizontal: Horizontal,
    vertical: Vertical,
    remedies: Remedies,
    search: Search,
  },
  { ...closed, default: {}, description: 'Forecasts, sizes and remedies.' },
);
export type TunerConfig = Static<typeof TunerConfig>;
