import type { CauseCode, Evidence } from '../../model/index.ts';
import type { Alert } from '../evidence/alerts.ts';
import type { CallHistories } from '../evidence/calls.ts';
import type { EvidenceSources, IncidentWindow, SymptomLine } from '../evidence/component-evidence.ts';
import type { Component, Components } from '../graph/components.ts';

export interface DiagnosisInput {
  readonly components: Components;
  readonly sources: EvidenceSources;
  readonly calls: CallHistories;
  /** Alerts of other systems that held within the window, by component. */
  readonly alerts: ReadonlyMap<string, readonly Alert[]>;
  readonly window: IncidentWindow;
  /** Component where the symptom shows, and every component with a symptom. */
  readonly symptom: string;
  readonly symptoms: readonly string[];
  /** The symptom's own series over time, if it is known. */
  readonly symptomLine: SymptomLine | undefined;
  readonly hasClusterState: boolean;
  readonly hasLogs: boolean;
  readonly maxHops: number;
  readonly unknownLogit: number;
  readonly abstainBelow: number;
}

/** A component held responsible, before it is put in words. */
export interface Candidate {
  readonly component: Component;
  readonly code: CauseCode;
  readonly logOdds: number;
  readonly evidence: readonly Evidence[];
  /** What alerts on the component say. */
  readonly alerts: readonly Evidence[];
  readonly onsetMs: number;
}
