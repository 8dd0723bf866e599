import type { HeldOutErrors } from '../../../model/index.ts';
import type { ModelsConfig } from './config.ts';

export type Judgement = { readonly promote: true } | { readonly promote: false; readonly reason: string };

export type GateConfig = Pick<ModelsConfig, 'marginShare' | 'leastPoints' | 'leastSeries'>;

/**
 * Whether a model may replace the one that serves: on enough held-back history its mean absolute error must be smaller
 * than the serving model's by the margin, and smaller than a linear forecast's, the judge that any network has to beat.
 * What is missing, not a number or negative refuses.
 */
export function judgeCandidate(heldOut: Partial<HeldOutErrors> | undefined, config: GateConfig): Judgement {
  if (heldOut === undefined) return refused('there are no errors on held-back history');
  const { points, series, candidate, serving, ridge } = heldOut;
  if (!isError(points) || !isError(series) || !isError(candidate) || !isError(serving) || !isError(ridge)) {
    return refused('an error on held-back history is missing or not a number');
  }
  if (points < config.leastPoints) return refused(`${points} held-back points are fewer than ${config.leastPoints}`);
  if (series < config.leastSeries) return refused(`${series} held-back series are fewer than ${config.leastSeries}`);
  if (!(candidate < ridge)) {
    return refused(`its error ${shown(candidate)} is not below a linear forecast's ${shown(ridge)}`);
  }
  if (!(candidate <= serving * (1 - config.marginShare) && candidate < serving)) {
    const margin = `${Number((config.marginShare * 100).toPrecision(3))} %`;
    return refused(`its error ${shown(candidate)} is not below the serving model's ${shown(serving)} by ${margin}`);
  }
  return { promote: true };
}

function refused(reason: string): Judgement {
  return { promote: false, reason };
}

function isError(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value) && value >= 0;
}

function shown(error: number): string {
  return error.toPrecision(4);
}
