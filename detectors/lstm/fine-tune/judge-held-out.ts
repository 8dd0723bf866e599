import type { HeldOutErrors } from '../../../model/index.ts';
import { evaluateSeries } from '../train/evaluate-series.ts';
import { seriesIn, type TrainingSeries } from '../train/training-series.ts';
import { fitLinearJudge } from './linear-judge.ts';

/**
 * Errors of a candidate on the held-out part of a history, beside the model that serves, the best linear forecast from
 * 60 points, and the last value. Undefined where nothing is held out. Rejects with KYBERN_MODEL where a file cannot be
 * loaded.
 */
export async function judgeHeldOut(
  series: readonly TrainingSeries[],
  candidatePath: string,
  servingPath: string,
  pause?: () => unknown,
): Promise<HeldOutErrors | undefined> {
  const judged = seriesIn(series, 'heldOut');
  if (judged.length === 0) return undefined;
  const linear = await fitLinearJudge({ name: 'history', share: 1, series }, pause);
  const errors = await evaluateSeries([candidatePath, servingPath], judged, linear, pause);
  return {
    points: errors.points,
    series: judged.length,
    candidate: errors.models[0]!,
    serving: errors.models[1]!,
    ridge: errors.ridge,
    lastValue: errors.lastValue,
  };
}
