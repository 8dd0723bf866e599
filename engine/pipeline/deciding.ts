import type {
  Action,
  ClusterBatch,
  Decision,
  DetectionResult,
  OperatorDecision,
  Rca,
  SampleBatch,
  SloStatus,
  Tuner,
  VettedAnomalies,
  VettingPolicy,
} from '../../model/index.ts';
import type { DecisionInbox } from './decision-inbox.ts';
import type { DecisionRecorder } from './decision-recorder.ts';

/** What one batch of signals, or an advance of event time, brought to light. */
export interface Finding {
  /** The samples themselves, as root causes and tuning want to see them too. */
  readonly samples: readonly SampleBatch[];
  readonly cluster: readonly ClusterBatch[];
  readonly result: Pick<DetectionResult, 'anomalies' | 'derived' | 'calls' | 'slos'>;
}

/**
 * Takes findings in the order of the log. In one process it is called directly; where several processes score, what they
 * found goes through a topic in between.
 */
export interface FindingsSink {
  /** A log record, received then (epoch milliseconds), is about to be told of. */
  begin(receivedMs: number): void;
  observe(finding: Finding): Promise<void>;
  /** Event time has reached this, epoch milliseconds. */
  advance(watermarkMs: number): Promise<void>;
}

export interface DecidingDeps {
  readonly stages: { readonly rca: Rca; readonly tuner: Tuner; readonly policy: VettingPolicy };
  readonly recorder: Pick<DecisionRecorder, 'record'>;
  readonly inbox: Pick<DecisionInbox, 'takeBefore'>;
  /** The detectors learn from operators too, where they are in this process. */
  readonly onOperator?: (decision: OperatorDecision) => void;
  readonly onSlos: (slos: readonly SloStatus[]) => void;
}

/** The deciding half of the analysis: findings through root causes and tuning, decisions recorded as they are made. */
export function createDeciding({ stages, recorder, inbox, onOperator, onSlos }: DecidingDeps): FindingsSink {
  const { rca, tuner, policy } = stages;

  function learn(action: Action): void {
    if (action.incidentId !== undefined) rca.attach(action);
    tuner.learn(action);
  }

  async function record({ recorded }: VettedAnomalies): Promise<void> {
    if (recorded.length > 0) await recorder.record(recorded.map((value) => ({ type: 'anomaly', value })));
  }

  return {
    begin(receivedMs) {
      policy.begin(receivedMs);
      for (const decision of inbox.takeBefore(receivedMs)) {
        if (decision.type === 'action') learn(decision.value);
        else {
          policy.learn(decision);
          onOperator?.(decision);
        }
      }
    },
    async observe({ samples: received, cluster, result }) {
      const { calls, slos } = result;
      const vetted = policy.vet(result.anomalies);
      const anomalies = vetted.told;
      const samples = [...received, ...result.derived];
      rca.observe({ samples, calls, cluster, anomalies, slos });
      tuner.observe({ samples, calls, cluster, incidents: [], slos });
      if (slos.length > 0) onSlos(slos);
      await record(vetted);
    },
    async advance(watermarkMs) {
      const vetted = policy.advance(watermarkMs);
      if (vetted.told.length > 0)
        rca.observe({ samples: [], calls: [], cluster: [], anomalies: vetted.told, slos: [] });
      await record(vetted);
      const incidents = rca.advance(watermarkMs);
      if (incidents.length > 0) {
        await recorder.record(incidents.map((value) => ({ type: 'incident', value })));
        tuner.observe({ samples: [], calls: [], cluster: [], incidents, slos: [] });
      }
      const proposals = tuner.advance(watermarkMs);
      if (proposals.length > 0)
        await recorder.record(proposals.map((value): Decision => ({ type: 'proposal', value })));
    },
  };
}
