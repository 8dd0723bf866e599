import { element } from '../element.js';
import { formatDuration, formatPercent } from '../format.js';

const words = {
  unavailable: 'not here',
  idle: 'none under way',
  collecting: 'reading history',
  training: 'training',
  judging: 'judging',
};

/**
 * How training stands as names and values.
 * @param {any} training @returns {readonly (readonly [string, string | Node])[]}
 */
export function trainingFacts(training) {
  const { state, series, ofSeries, epoch, of, share, etaMs, lossNow, last } = training;
  const under = training.class === undefined || state === 'idle' ? '' : ` for ${training.class}`;
  const facts = [['Training', `${words[state] ?? state}${under}`]];
  const progress = progressOf(training);
  if (progress !== undefined) {
    facts.push([
      ofSeries === undefined ? `Pass ${epoch} of at most ${of}` : `Series read: ${series} of ${ofSeries}`,
      element('progress', { max: 1, value: progress, 'aria-label': 'Progress of training' }),
    ]);
  }
  if (lossNow !== undefined) facts.push(['Loss', Number(lossNow).toPrecision(3)]);
  if (share !== undefined) facts.push(['Of a core', formatPercent(share)]);
  if (etaMs !== undefined) facts.push(['At most', `${formatDuration(etaMs)} more`]);
  if (last !== undefined) facts.push(['Last time', element('span', { class: 'told break' }, last)]);
  return facts;
}

/** 0 to 1, undefined where there is nothing to tell. */
function progressOf({ state, series, ofSeries, epoch, of }) {
  if (state === 'idle' || state === 'unavailable') return undefined;
  if (ofSeries > 0) return Math.min(1, series / ofSeries);
  return of > 0 && epoch > 0 ? Math.min(1, epoch / of) : undefined;
}
