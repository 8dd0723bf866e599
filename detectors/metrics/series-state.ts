import type { SeriesState } from '../../model/index.ts';
import type { MetricsConfig } from '../config.ts';
import { youngSamples } from './scorer.ts';

/** How well a series of so many samples is known. */
export function seriesStateOf(
  samples: number,
  { warmupSamples }: Pick<MetricsConfig, 'warmupSamples'>,
): Pick<SeriesState, 'state' | 'needed'> {
  if (samples < warmupSamples) return { state: 'learning', needed: warmupSamples };
  return samples < youngSamples ? { state: 'young', needed: youngSamples } : { state: 'known', needed: samples };
}
