import { type Static, Type } from 'typebox';
import { ActuatorConfig } from '../../actuator/index.ts';
import { ApiConfig } from '../../api/index.ts';
import { DetectorsConfig } from '../../detectors/index.ts';
import { IngestConfig } from '../../ingest/index.ts';
import { LogConfig } from '../../ingest/log/index.ts';
import { modes, oneOf, Slo } from '../../model/index.ts';
import { RcaConfig } from '../../rca/index.ts';
import { StoreConfig } from '../../store/index.ts';
import { TunerConfig } from '../../tuner/index.ts';

const closed = { additionalProperties: false };

const AnalysisConfig = Type.Object(
  {
    latenessSeconds: Type.Number({
      minimum: 0,
      default: 7,
      description:
        'Event time runs this much behind the newest sample, so that slower senders still count: OpenTelemetry SDKs send spans every 5 s.',
    }),
    checkpointSeconds: Type.Number({
      minimum: 1,
      default: 15,
      description:
        'How often the state of detection, root causes and tuning is saved; a large one, which samples wait for, each minute.',
    }),
  },
  { ...closed, description: 'The loop that turns signals into decisions.' },
);

const KubernetesConfig = Type.Object(
  {
    enabled: Type.Boolean({
      default: false,
      description: 'Whether a cluster is watched (and, if the mode says so, changed).',
    }),
    kubeconfig: Type.String({
      default: '',
      description: "Path of a kubeconfig; '' takes the service account inside a cluster, else the default kubeconfig.",
    }),
    context: Type.String({ default: '', description: "Context in the kubeconfig; '' takes the current one." }),
    namespaces: Type.Array(Type.String(), { default: [], description: 'Namespaces to look at; empty: all.' }),
    snapshotSeconds: Type.Number({ minimum: 1, default: 15, description: 'How often everything is listed anew.' }),
    timeoutSeconds: Type.Number({
      minimum: 1,
      default: 10,
      description: 'Longest wait for one call to the API server.',
    }),
  },
  { ...closed, description: 'The Kubernetes cluster.' },
);

/** The one schema of the configuration: validation, types, `kybern config docs` and the environment's names come from it. */
export const KybernConfig = Type.Object(
  {
    mode: oneOf(modes, 'What Kybern may do: observe, recommend, approve (acts when a person agrees), auto.', {
      default: 'observe',
    }),
    profile: oneOf(
      ['standard', 'edge'],
      'Defaults for where it runs: standard; edge for one core and 512 MiB: no ClickHouse in the process but a small store in files, small caches, at most 20,000 series. Each of them can be set by itself.',
      { default: 'standard' },
    ),
    dataDir: Type.String({
      default: './kybern-data',
      description: 'Where the log, the embedded store and checkpoints live.',
    }),
    logLevel: oneOf(['error', 'warn', 'info', 'debug'], "Level of Kybern's own log.", { default: 'info' }),
    api: ApiConfig,
    ingest: IngestConfig,
    log: LogConfig,
    analysis: AnalysisConfig,
    store: StoreConfig,
    detectors: DetectorsConfig,
    rca: RcaConfig,
    tuner: TunerConfig,
    actuator: ActuatorConfig,
    kubernetes: KubernetesConfig,
    slos: Type.Array(Slo, { default: [], description: 'What services owe their users.' }),
  },
  closed,
);
export type KybernConfig = Static<typeof KybernConfig>;
