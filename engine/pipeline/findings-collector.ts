import type { Finding, FindingsSink } from './deciding.ts';

/** Collects what a record brings to light instead of deciding on it. */
export interface FindingsCollector extends FindingsSink {
  /** What was collected since the last time. */
  take(): readonly Finding[];
}

export function createFindingsCollector(): FindingsCollector {
  let findings: Finding[] = [];

  return {
    begin: () => {},
    observe: async (finding) => {
      if (isTelling(finding)) findings.push(finding);
    },
    advance: async () => {},
    take() {
      const taken = findings;
      findings = [];
      return taken;
    },
  };
}

function isTelling({ samples, cluster, result: { derived, anomalies, calls, slos } }: Finding): boolean {
  return [samples, cluster, derived, anomalies, calls, slos].some(({ length }) => length > 0);
}
