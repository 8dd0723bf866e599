import { describeSeries, type SeriesDefinition } from '../../model/index.ts';
import type { SignalProfile } from './signal-profile.ts';
import { type Verdict, viewFlat, viewForecast, viewLevel, viewSeason, viewStep, viewTrend } from './verdict.ts';

const viewTexts: Readonly<Record<number, string>> = {
  [viewForecast]: 'the forecast of the LSTM',
  [viewLevel]: 'its usual level',
  [viewSeason]: 'its usual level at this time of day',
  [viewStep]: 'what it was a sample before',
};

/** Which detector an anomaly is filed under. */
export function detectorName(view: number, definition: SeriesDefinition): string {
  if (definition.origin === 'logs') return 'log-template';
  return view === viewForecast ? 'lstm' : view === viewTrend ? 'trend' : 'seasonal';
}

/** What there is to say of a deviation: the value, what a view expected of it, and the score it came to. */
export interface DeviationFigures extends Pick<Verdict, 'view' | 'expected' | 'lower' | 'upper' | 'score'> {
  readonly observed: number;
}

/** The deviation in one sentence, with its figures. */
export function describeDeviation(
  definition: SeriesDefinition,
  profile: SignalProfile,
  figures: DeviationFigures,
): string {
  const unit = unitText(definition, profile);
  const subject = describeSeries(definition);
  const is = `${profile.immediate ? 'rose by' : 'is'} ${figure(figures.observed)}${unit}`;
  if (figures.view === viewTrend) {
    return `${subject} ${is}, grown steadily from ${figure(figures.expected)}${unit} to a level it was not seen at before`;
  }
  if (figures.view === viewFlat) {
    return `${subject} ${is} and stands still, though it always moved: score ${figure(figures.score)}`;
  }
  const side = figures.observed > figures.expected ? 'above' : 'below';
  const band = `${figure(figures.lower)} to ${figure(figures.upper)}`;
  const expected = `${figure(figures.expected)}${unit} (band ${band})`;
  return `${subject} ${is}, ${side} ${viewTexts[figures.view]}, ${expected}: score ${figure(figures.score)}`;
}

/** A series that has not been heard of for so many seconds. */
export function describeSilence(definition: SeriesDefinition, seconds: number): string {
  return `${describeSeries(definition)} has vanished: nothing was heard of it for ${figure(Math.round(seconds))} s`;
}

/** Four significant digits, without an exponent for everyday sizes. */
export function figure(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e4 && size < 1e15) return Math.round(value).toString();
  return Number(value.toPrecision(4)).toString();
}

/** The unit of what is scored: of a counter its growth per second, of restarts what they grew by. */
export function unitOfReading({ kind, unit }: SeriesDefinition, { immediate }: SignalProfile): string {
  return kind === 'gauge' || immediate ? unit : `${unit}/s`;
}

function unitText(definition: SeriesDefinition, profile: SignalProfile): string {
  const unit = definition.unit === '1' ? '' : definition.unit;
  const text = unitOfReading({ ...definition, unit }, profile);
  return unit === '' ? text : ` ${text}`;
}
