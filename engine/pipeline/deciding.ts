import type {
  Action,
  ClusterBatch,
  Decision,
  DetectionResult,
  Rca,
  SampleBatch,
  SloStatus,
  Tuner,
} from '../../model/index.ts';
import type { ActionInbox } from './action-inbox.ts';
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
  readonly stages: { readonly rca: Rca; readonly tuner: Tuner };
  readonly recorder: Pick<DecisionRecorder, 'record'>;
  readonly actions: Pick<ActionInbox, 'takeBefore'>;
  readonly onSlos: (slos: readonly SloStatus[]) => void;
}

/** The deciding half of the analysis: findings through root causes and tuning, decisions recorded as they are made. */
export function createDeciding({ stages, recorder, actions, onSlos }: DecidingDeps): FindingsSink {
  const { rca, tuner } = stages;

  function learn(action: Action): void {
    if (action.incidentId !== undefined) rca.attach(action);
    tuner.learn(action);
  }

  return {
    begin(receivedMs) {
      for (const action of actions.takeBefore(receivedMs)) learn(action);
    },
    async observe({ samples: received, cluster, result }) {
      const { anomalies, calls, slos } = result;
      const samples = [...received, ...result.derived];
      rca.observe({ samples, calls, cluster, anomalies, slos });
      tuner.observe({ samples, calls, cluster, incidents: [], slos });
      if (slos.length > 0) onSlos(slos);
      if (anomalies.length > 0) await recorder.record(anomalies.map((value) => ({ type: 'anomaly', value })));
    },
    async advance(watermarkMs) {
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
