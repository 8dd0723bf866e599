import type { Action, Mode } from '../action.ts';
import type { Anomaly } from '../anomaly.ts';
import type { Decision } from '../decision.ts';
import type { Feedback } from '../feedback.ts';
import type { Incident } from '../incident.ts';
import type { MaintenanceSpec, MaintenanceWindow } from '../maintenance.ts';
import type { Proposal } from '../proposal.ts';
import type { ClusterBatch, LogBatch, SampleBatch, SignalBatch, SpanBatch } from '../signal-batch.ts';
import type { SloStatus } from '../slo.ts';
import type { CallObservation, Topology } from '../topology.ts';
import type { Checkpointed, CheckpointedApart } from './log.ts';
import type { ModelDesk } from './models.ts';
import type { BandBatch, SeriesSelector } from './store.ts';

/**
 * The stages as the engine sees them. All are functions of what they were given so far: event time comes in as an
 * argument, in log order, so that the same log gives the same decisions. Only the actuator knows wall-clock time.
 */

export interface DetectionResult {
  /** Anomalies that began to fire, changed or cleared: new revisions only. */
  readonly anomalies: readonly Anomaly[];
  /** Series derived from spans and logs, and from nothing else: already scored, to be stored and shown to rca and tuner. */
  readonly derived: readonly SampleBatch[];
  /** Expected bands of scored samples, at most one a series and second. */
  readonly bands: readonly BandBatch[];
  readonly calls: readonly CallObservation[];
  /** Services whose SLO window closed. */
  readonly slos: readonly SloStatus[];
}

/** How well a series is known. */
export interface SeriesState {
  /** learning: too young to raise anything; young: its band is wide; known. */
  readonly state: 'learning' | 'young' | 'known';
  /** Samples taken in, and how many there must be for the next state. */
  readonly samples: number;
  readonly needed: number;
}

/** Kinds of telemetry that come by ways of their own. */
export const telemetryKinds = ['metrics', 'logs', 'traces', 'cluster'] as const;
export type TelemetryKind = (typeof telemetryKinds)[number];

/** When signals were last received, epoch milliseconds; without the kinds of which none ever were. */
export type ReceivedAt = Readonly<Partial<Record<TelemetryKind, number>>>;

export interface DetectorStatus {
  readonly series: number;
  readonly learning: number;
  readonly resident?: number;
}

export interface Detectors extends CheckpointedApart {
  /** Takes in what an operator decided: it counts from the next sample on. */
  learn?(decision: OperatorDecision): void;
  /**
   * Series of a class are forecast by another network, one that is loaded, from the next sample on: what the network knew
   * of them is gone, all else stays. Not while a batch is taken. Rejects with KYBERN_NOT_FOUND for an unknown class.
   */
  useNetwork?(modelClass: string, sha256: string): Promise<void>;
  /** Takes one batch in log order. Samples at or before their series' last time are ignored (counted). */
  observe(batch: SignalBatch): Promise<DetectionResult>;
  /** Event time has reached this: closes windows, clears what is over. */
  advance(watermarkMs: number): Promise<DetectionResult>;
  /**
   * Takes samples from before the log begins, of each entity in order of time: what follows from single series and from an
   * entity's metrics together is learnt as ever, and nothing is told. Before the first `observe`.
   */
  learnHistory?(batch: SampleBatch): Promise<void>;
  /**
   * The same of log lines and spans, each kind in order of time: which there are, how often they come and who calls whom. Of
   * lines that are not whole, but a selection, only which kinds of lines there are.
   */
  learnRecords?(batch: LogBatch | SpanBatch, isWhole: boolean): Promise<void>;
  /** The past has been told up to this moment: what fired in it is over, what went silent in it is known to be. */
  endHistory?(untilMs: number): Promise<void>;
  /** Series being scored, those still learning, and, where idle ones may be put aside on disk, those in memory. */
  status(): DetectorStatus;
  /** How well a series is known; undefined where it is not scored here. */
  seriesState?(fingerprint: string): SeriesState | undefined | Promise<SeriesState | undefined>;
  /** The state that was saved last is durable, and a restart would go on from it: what only those before it needed may go. */
  kept?(): Promise<void>;
  /** Frees what it holds outside the heap: it is of no use afterwards. */
  close?(): void;
}

/** What operators decide about the detectors: it reaches them through the log's decisions. */
export type OperatorDecision = Extract<Decision, { readonly type: 'feedback' | 'maintenance' }>;

/** What became of anomalies: revisions to be recorded, and those among them that are told to whoever acts on them. */
export interface VettedAnomalies {
  readonly recorded: readonly Anomaly[];
  /** What is held back after it was told appears here once more, as cleared. */
  readonly told: readonly Anomaly[];
}

/** How an alert budget stands. */
export interface TeamBudget {
  readonly team: string;
  readonly alertsPerWeek: number;
  /** Times the product's threshold from which anomalies are told; 1 while all there is fits. */
  readonly limit: number;
  /** Of the weeks looked at: anomalies counted, those of them that were told, and how many there is room for. */
  readonly counted: number;
  readonly told: number;
  readonly allowed: number;
}

/**
 * Between the anomalies found and those told: age, maintenance windows, feedback of operators and alert budgets hold back,
 * and each anomaly learns what else moved. Nothing held back is lost: it is recorded with the reason.
 */
export interface VettingPolicy extends Checkpointed {
  /** What follows was found in a log record received then, epoch milliseconds: what is much older is no news. */
  begin(receivedMs: number): void;
  vet(anomalies: readonly Anomaly[]): VettedAnomalies;
  /** Event time has reached this: windows end, the past catches up, and what else moved is known. */
  advance(watermarkMs: number): VettedAnomalies;
  /** Takes in what an operator decided; what follows from it comes with the next `advance`. */
  learn(decision: OperatorDecision): void;
  budgets(): readonly TeamBudget[];
  windows(): readonly (MaintenanceWindow & { readonly open: boolean })[];
}

export interface RcaInput {
  readonly samples: readonly SampleBatch[];
  readonly calls: readonly CallObservation[];
  readonly cluster: readonly ClusterBatch[];
  readonly anomalies: readonly Anomaly[];
  readonly slos: readonly SloStatus[];
}

export interface Rca extends Checkpointed {
  observe(input: RcaInput): void;
  /** Opens, updates, diagnoses and resolves incidents: new revisions only. */
  advance(watermarkMs: number): readonly Incident[];
  /** Notes that an action belongs to an incident; the next advance gives the revision. */
  attach(action: Action): void;
  topology(): Topology;
}

export interface TunerInput {
  readonly samples: readonly SampleBatch[];
  readonly cluster: readonly ClusterBatch[];
  readonly incidents: readonly Incident[];
  readonly slos: readonly SloStatus[];
  readonly calls: readonly CallObservation[];
}

export interface Tuner extends Checkpointed {
  observe(input: TunerInput): void;
  /** Proposals made or changed by now: new revisions only. */
  advance(watermarkMs: number): readonly Proposal[];
  /** The outcome of an action: the reward. */
  learn(action: Action): void;
}

export interface Actuator {
  /** What the decisions topic holds: read once at start, before anything else. */
  restore(decisions: Iterable<Decision>): void;
  /** Takes proposals up as actions; one that it knows already is the same action. */
  consider(proposals: readonly Proposal[]): Promise<void>;
  /** The latest SLO standings, for verification. */
  observe(slos: readonly SloStatus[]): void;
  /** Moves every open action on: gates, intent, write, read back, verify. Never rejects for one action's sake. */
  tick(): Promise<void>;
  /** Keeps an order of a person that could not be made durable when it was given, as each tick does. Rejects while it cannot. */
  settle?(): Promise<void>;
  approve(actionId: string, who: string): Promise<Action>;
  reject(actionId: string, who: string): Promise<Action>;
  revert(actionId: string, who: string): Promise<Action>;
  readonly mode: Mode;
  setMode(mode: Mode, who: string): Promise<void>;
  /** All writes stop within a second while it is on; it survives a restart. */
  readonly killSwitch: boolean;
  setKillSwitch(on: boolean, who: string): Promise<void>;
}

/** Makes decisions durable in the log's `decisions` topic; those known already (same id and revision) are left out. */
export type RecordDecisions = (decisions: readonly Decision[]) => Promise<void>;

/** How a part of the engine stands. */
export interface PartStanding {
  readonly part: string;
  readonly ready: boolean;
  readonly detail: string;
  /** Without it what comes is taken in all the same: a load balancer is not to send it elsewhere. */
  readonly spared?: boolean;
}

export interface MissedReport {
  /** Of several series that match, the one that deviates most is meant. */
  readonly selector: SeriesSelector;
  readonly fromMs: number;
  readonly toMs: number;
  readonly note?: string;
}

/** Where operators say what they think of anomalies. Each resolves once it is durable; rejects with a KybernError. */
export interface OperatorDesk {
  judge(anomalyId: string, verdict: 'not_an_anomaly' | 'confirmed', who: string, note?: string): Promise<Feedback>;
  /** Lowers the series' threshold, within bounds, and says whether it would be found now. */
  reportMissed(report: MissedReport, who: string): Promise<Feedback>;
  undo(feedbackId: string, who: string): Promise<Feedback>;
  plan(spec: MaintenanceSpec, who: string): Promise<MaintenanceWindow>;
  end(windowId: string, who: string): Promise<MaintenanceWindow>;
  /** Those of the configuration too. */
  windows(): readonly (MaintenanceWindow & { readonly open: boolean })[];
  budgets(): readonly TeamBudget[];
}

/** What the api reads and asks for, beside the store. */
export interface EngineView {
  topology(): Topology;
  readonly actuator: Pick<
    Actuator,
    'approve' | 'reject' | 'revert' | 'mode' | 'setMode' | 'killSwitch' | 'setKillSwitch'
  >;
  /** Calls back with each decision once it is durable; returns a function that ends it. */
  subscribe(listener: (decision: Decision) => void): () => void;
  readiness(): readonly PartStanding[];
  /** Prometheus text of our own metrics. */
  metricsText(): Promise<string>;
  readonly operators: OperatorDesk;
  /** Absent where this process keeps no versions of the network. */
  readonly models?: ModelDesk;
  readonly info: {
    readonly version: string;
    readonly mode: () => Mode;
    readonly demo?: { readonly seed: number };
    readonly startedAtMs: number;
  };
  /** Where each service stood against its SLO in its latest closed window. */
  sloStatuses?(): readonly SloStatus[];
  detectorStatus(): DetectorStatus;
  /** Of what has been analysed. */
  lastReceived(): ReceivedAt;
  /** How well a series is known to the detectors of this process; undefined where it is not scored here. */
  seriesState?(fingerprint: string): Promise<SeriesState | undefined>;
  /** Series seen lately, and the metrics that have the most. */
  cardinality(mostMetrics: number): {
    readonly activeSeries: number;
    readonly metrics: readonly { readonly metric: string; readonly activeSeries: number }[];
  };
}
