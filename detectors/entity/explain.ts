import { describeEntity, type EntityRef, type Explaining } from '../../model/index.ts';

/** A metric that explains, with its unit, and how its series is called among others of that metric. */
export interface Part extends Explaining {
  readonly called: string;
  readonly unit: string;
}

const named = 5;
const smallestShare = 0.03;

/** The metrics by their parts, largest first, as far as they matter: at least one. */
export function rankMetrics(parts: Float32Array, width: number): number[] {
  let sum = 0;
  for (let metric = 0; metric < width; metric += 1) sum += parts[metric]!;
  const ranked = Array.from({ length: width }, (_, metric) => metric).sort((a, b) => parts[b]! - parts[a]! || a - b);
  const ends = ranked.findIndex((metric, rank) => rank > 0 && parts[metric]! < smallestShare * sum);
  return ranked.slice(0, Math.min(named, ends < 0 ? width : ends));
}

/** The joint deviation in one sentence: what it says of the entity, and by which metrics. */
export function describeJoint(entity: EntityRef, watched: number, ranked: readonly Part[]): string {
  const parts = ranked.map(
    ({ called, unit, share, observed, expected }) =>
      `${called} ${Math.round(share * 100)} % (${figure(observed)}${unitText(unit)} where ${figure(expected)}${unitText(unit)} follows from the others)`,
  );
  return `The ${watched} metrics of ${describeEntity(entity)} do not go together as they usually do; it is explained by ${parts.join(', ')}`;
}

function unitText(unit: string): string {
  return unit === '' || unit === '1' ? '' : ` ${unit}`;
}

function figure(value: number): string {
  return Number.isNaN(value) ? 'nothing' : String(Number(value.toPrecision(3)));
}
