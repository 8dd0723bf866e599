import { describeEntity, type SeriesDefinition } from '../../model/index.ts';
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

/** The deviation in one sentence, with its figures. */
export function describeDeviation(definition: SeriesDefinition, verdict: Verdict, observed: number): string {
  const unit = unitText(definition);
  const subject = `${definition.name} of ${describeEntity(definition.entity)}`;
  const is = `is ${figure(observed)}${unit}`;
  if (verdict.view === viewTrend) {
    return `${subject} ${is}, grown steadily from ${figure(verdict.expected)}${unit} to a level it was not seen at before`;
  }
  if (verdict.view === viewFlat) {
    return `${subject} ${is} and stands still, though it always moved: score ${figure(verdict.score)}`;
  }
  const side = observed > verdict.expected ? 'above' : 'below';
  const band = `${figure(verdict.lower)} to ${figure(verdict.upper)}`;
  const expected = `${figure(verdict.expected)}${unit} (band ${band})`;
  return `${subject} ${is}, ${side} ${viewTexts[verdict.view]}, ${expected}: score ${figure(verdict.score)}`;
}

/** A series that has not been heard of for so many seconds. */
export function describeSilence(definition: SeriesDefinition, seconds: number): string {
  const subject = `${definition.name} of ${describeEntity(definition.entity)}`;
  return `${subject} has vanished: nothing was heard of it for ${figure(Math.round(seconds))} s`;
}

/** Four significant digits, without an exponent for everyday sizes. */
export function figure(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e4 && size < 1e15) return Math.round(value).toString();
  return Number(value.toPrecision(4)).toString();
}

function unitText(definition: SeriesDefinition): string {
  const unit = definition.unit === '1' || definition.unit === '' ? '' : ` ${definition.unit}`;
  return definition.kind === 'gauge' ? unit : `${unit}/s`;
}
