import type { CauseCode, Evidence } from '../../model/index.ts';
import { codebook } from './entries.ts';
import type { Feature, Features } from './features.ts';

/** A code held against what was observed: its log-odds and the facts they are the sum of. */
export interface CodeMatch {
  readonly code: CauseCode;
  readonly logOdds: number;
  readonly evidence: readonly Evidence[];
}

const leastStrength = 0.1;
const cap = 10;

/** Every code that what was observed allows, best first. Expected but absent counts against, where it could be seen. */
export function matchCodes(features: Features, scope: 'component' | 'node'): readonly CodeMatch[] {
  const matches: CodeMatch[] = [];
  for (const entry of codebook) {
    if (entry.scope !== scope) continue;
    if (!entry.needs.some((name) => features.get(name)!.strength >= leastStrength)) continue;
    let logOdds = entry.prior;
    const evidence: Evidence[] = [];
    for (const { feature: name, present, absent = 0 } of entry.expects) {
      const feature = features.get(name)!;
      const seen = feature.strength >= leastStrength;
      const weight = seen ? present * feature.strength : feature.known ? -absent : 0;
      logOdds += weight;
      if (Math.abs(weight) >= 0.2) evidence.push(asEvidence(feature, weight, seen));
    }
    matches.push({ code: entry.code, logOdds: Math.min(cap, logOdds), evidence });
  }
  return matches.sort((a, b) => b.logOdds - a.logOdds || (a.code < b.code ? -1 : 1));
}

function asEvidence(feature: Feature, weight: number, seen: boolean): Evidence {
  return {
    kind: seen ? feature.kind : 'absence',
    supports: weight > 0,
    weight: Math.round(weight * 100) / 100,
    text: feature.text,
    ...(feature.at === undefined ? {} : { at: feature.at }),
    ...(feature.anomalyId === undefined ? {} : { anomalyId: feature.anomalyId }),
    ...(feature.series === undefined ? {} : { series: feature.series }),
  };
}
