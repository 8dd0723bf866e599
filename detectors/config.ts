import { type Static, Type } from 'typebox';
import { oneOf } from '../model/index.ts';
import { BackfillConfig } from './backfill/index.ts';
import { CalendarConfig } from './calendar/index.ts';
import { EntitiesConfig } from './entity/config.ts';
import { HistogramsConfig } from './histograms/index.ts';
import { ModelsConfig } from './lstm/versions/config.ts';
import { SignalRule } from './metrics/signal-rules.ts';
import { NodesConfig } from './nodes/index.ts';
import { PolicyConfig } from './policy/index.ts';
import { TracesConfig } from './traces/config.ts';

export const MetricsConfig = Type.Object(
  {
    threshold: Type.Number({
      default: 6,
      exclusiveMinimum: 0,
      description:
        'Score from which a sample deviates: residuals of all views over their robust scales, the same for every series. Once a season is known it must also stand out from the minutes before, up to twice this score.',
    }),
    persistentSamples: Type.Integer({
      default: 2,
      minimum: 1,
      maximum: 8,
      description:
        'So many of the latest windowSamples must deviate before an anomaly fires; one is enough where it stands for 30 s or more and scores twice the threshold, or says as much by itself once the series is two weeks old.',
    }),
    windowSamples: Type.Integer({ default: 3, minimum: 1, maximum: 8, description: 'Samples looked at for that.' }),
    clearSamples: Type.Integer({
      default: 6,
      minimum: 1,
      maximum: 1000,
      description: 'Consecutive samples below half the threshold after which an anomaly clears.',
    }),
    mergeSeconds: Type.Number({
      default: 300,
      minimum: 0,
      description: 'An anomaly that fires again within this time of clearing is the same one.',
    }),
    warmupSamples: Type.Integer({
      default: 16,
      minimum: 8,
      maximum: 100_000,
      description:
        'The sample of a series that is the first to be scored; bands are wide at first and narrow from there.',
    }),
    acceptShiftSeconds: Type.Number({
      default: 1800,
      minimum: 0,
      description: 'A deviation to one side that lasts this long (and 16 samples) is the new normal.',
    }),
    burstSeconds: Type.Number({
      default: 180,
      minimum: 0,
      maximum: 86_400,
      description:
        'What comes in bursts while all is well (queues and lags, garbage collection, CPU throttling, disks, connections and threads in use, p99 and max of latencies) is told once it has deviated this long, or for 12 samples; 0: at once.',
    }),
    minimumRelativeDeviation: Type.Number({
      default: 0.2,
      minimum: 0,
      description: 'Deviations smaller than this share of the expected value are never anomalies.',
    }),
    flatSamples: Type.Integer({
      default: 60,
      minimum: 0,
      description:
        'A series that always or regularly moved and has the same value for so many samples, and for five times its longest such run, stands still; 0: never told.',
    }),
    silenceSeconds: Type.Number({
      default: 600,
      minimum: 0,
      description:
        'A received series that has lived for a day and is silent this long (and ten of its intervals) has vanished, which is an anomaly; never of pods, containers and jobs, which come and go, nor of an instance of what has others that are heard; 0: never told.',
    }),
    signals: Type.Array(SignalRule, {
      default: [],
      maxItems: 500,
      description: 'How some series are judged, where their names and units do not tell: see the guide.',
    }),
    staleSeconds: Type.Number({
      default: 30,
      minimum: 1,
      description: 'A firing series silent this long (and ten of its intervals) has ended: its anomaly clears.',
    }),
    forgetSeconds: Type.Number({
      default: 86_400,
      minimum: 60,
      description:
        'A series silent this long is forgotten and its place given to another, unless it was put aside before; pods and containers are forgotten there too.',
    }),
    spillAfterSeconds: Type.Number({
      default: 7200,
      minimum: 0,
      description:
        'A series silent this long (and 60 of its intervals) leaves memory: what it has learnt is put aside, in idle/ under dataDir, with log.kind kafka in the topic prefix.idle too, and comes back with its next sample; 0: never.',
    }),
    forgetSpilledSeconds: Type.Number({
      default: 2_592_000,
      minimum: 60,
      description: 'A series put aside that is silent this long is forgotten, as long as samples are kept by default.',
    }),
    spillBytes: Type.Integer({
      default: 1_073_741_824,
      minimum: 0,
      description:
        'Room on disk for series put aside; beyond it they stay in memory until forgetSeconds. With log.kind kafka, of all partitions together, each of which has its share.',
    }),
  },
  { additionalProperties: false, default: {}, description: 'Scoring of metric series, received and derived.' },
);

export const LogsConfig = Type.Object(
  {
    windowSeconds: Type.Number({ default: 5, exclusiveMinimum: 0, description: 'Length of a counting window.' }),
    warmupSeconds: Type.Number({
      default: 60,
      minimum: 0,
      description: 'Event time from the first record on in which no template counts as new.',
    }),
    maxTemplates: Type.Integer({
      default: 4000,
      minimum: 16,
      maximum: 65_000,
      description: 'Templates kept; the one unused longest makes room.',
    }),
    templatesPerEntity: Type.Integer({
      default: 50,
      minimum: 1,
      description: 'Template series of one entity; further templates are counted together.',
    }),
    similarity: Type.Number({
      default: 0.7,
      minimum: 0,
      maximum: 1,
      description: 'Share of equal tokens from which a line belongs to a template.',
    }),
    variableWords: Type.Integer({
      default: 8,
      minimum: 2,
      description: 'So many words at one place of lines that are equal otherwise make that place a variable.',
    }),
    examplesPerTemplate: Type.Integer({
      default: 3,
      minimum: 1,
      maximum: 16,
      description: 'Lines kept of a template, masked as they came in; the first one always.',
    }),
    newTemplateRecords: Type.Integer({
      default: 3,
      minimum: 1,
      description:
        'Records of a new kind of error, all within 15 minutes, that make an anomaly; a fatal one needs one, until eight kinds of an entity were told within a day. In the first hour of lines they must come within a quarter of the time watched before, at least two minutes.',
    }),
    idleSeconds: Type.Number({
      default: 600,
      minimum: 1,
      description: 'A count that stays zero this long is no longer emitted.',
    }),
    sessionBy: oneOf(
      ['trace', 'label', 'text', 'window'],
      'What puts records together to a session whose counts of templates are judged: the trace id, a label of the stream, what follows a text in the line, or time windows only; records without an id count in windows.',
      { default: 'trace' },
    ),
    sessionKey: Type.String({
      default: '',
      description: "Name of that label, or that text, such as 'request_id='; nothing for trace and window.",
    }),
    sessionIdleSeconds: Type.Number({
      default: 30,
      exclusiveMinimum: 0,
      description: 'A session without a record for this long is over.',
    }),
    maxSessions: Type.Integer({ default: 10_000, minimum: 1, description: 'Sessions open at the same time.' }),
    maxSessionVectors: Type.Integer({
      default: 10_000,
      minimum: 16,
      description: 'Different vectors of counts remembered; the one unused longest makes room.',
    }),
    warmupSessions: Type.Integer({
      default: 200,
      minimum: 1,
      description: 'Sessions of a workload before an unseen one can be an anomaly.',
    }),
    sessionProbability: Type.Number({
      default: 1e-6,
      exclusiveMinimum: 0,
      maximum: 1,
      description:
        'Chance, by the share of sessions that are usually unseen, below which so many unseen ones within a minute are an anomaly.',
    }),
  },
  { additionalProperties: false, default: {}, description: 'Log templates and their rates.' },
);

export const SloConfig = Type.Object(
  {
    brokenWindows: Type.Integer({
      default: 3,
      minimum: 1,
      maximum: 30,
      description: 'So many of the latest ofWindows must miss the SLO before an anomaly fires.',
    }),
    ofWindows: Type.Integer({ default: 5, minimum: 1, maximum: 30, description: 'Windows looked at for that.' }),
    clearWindows: Type.Integer({ default: 6, minimum: 1, description: 'Consecutive windows that meet it to clear.' }),
    idleSeconds: Type.Number({
      default: 600,
      minimum: 1,
      description: 'A broken service without traffic this long is no longer held to be broken.',
    }),
  },
  { additionalProperties: false, default: {}, description: 'Service level objectives, judged window by window.' },
);

/** Settings of the detectors. */
export const DetectorsConfig = Type.Object(
  {
    enabled: Type.Boolean({
      default: true,
      description: 'Whether anything is scored; false: signals are kept and can be read, and no anomaly is found.',
    }),
    modelPath: Type.String({
      default: '',
      description: 'ONNX file of the forecasting network; empty: the one shipped.',
    }),
    thread: oneOf(
      ['auto', 'none', 'network', 'all'],
      'What of detection runs in a thread of its own: nothing; its network; all of it, so that what is sent and asked never waits for what is scored, for about 50 MB with 100,000 series. auto: all where there are four processors or more, else the network, since on two the hand-over costs a tenth to a third of the most that can be scored.',
      { default: 'auto' },
    ),
    models: ModelsConfig,
    metrics: MetricsConfig,
    entities: EntitiesConfig,
    logs: LogsConfig,
    traces: TracesConfig,
    histograms: HistogramsConfig,
    slo: SloConfig,
    nodes: NodesConfig,
    backfill: BackfillConfig,
    calendar: CalendarConfig,
    policy: PolicyConfig,
  },
  { additionalProperties: false, default: {}, description: 'Anomaly detection.' },
);
export type DetectorsConfig = Static<typeof DetectorsConfig>;
export type MetricsConfig = Static<typeof MetricsConfig>;
export type LogsConfig = Static<typeof LogsConfig>;
export type SloConfig = Static<typeof SloConfig>;
