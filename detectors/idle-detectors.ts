import type { DetectionResult, Detectors } from '../model/index.ts';

const nothing: DetectionResult = { anomalies: [], derived: [], bands: [], calls: [], slos: [] };

/** Where detection is switched off: signals go to log and store, and nothing is scored. */
export function createIdleDetectors(): Detectors {
  return {
    isApart: true,
    observe: async () => nothing,
    advance: async () => nothing,
    status: () => ({ series: 0, learning: 0 }),
    pieces: () => [],
    load: () => true,
  };
}
