import { element } from '../element.js';
import { timeLabel } from './time-label.js';

/**
 * What holds anomalies back just now, and how many series are too young to raise any.
 * @param {{status: any, windows: readonly any[], budgets: readonly any[]}} standing
 */
export function vettingCard({ status, windows, budgets }) {
  const lines = [
    status && learningText(status),
    ...windows.filter(({ open }) => open).map(windowText),
    ...budgets.map(budgetText),
  ].filter(Boolean);
  return lines.length === 0
    ? []
    : element(
        'ul',
        { class: 'plain soft' },
        lines.map((line) => element('li', {}, line)),
      );
}

function learningText({ series, learning }) {
  const scored = `${series - learning} series are scored`;
  return learning === 0 ? `${scored}.` : `${scored}, ${learning} are still learning what is normal.`;
}

function windowText({ reason, to }) {
  return ['Maintenance: ', reason, to && [', until ', timeLabel(to)], '. What fires in it is kept and not told.'];
}

function budgetText({ team, alertsPerWeek, limit, counted, told }) {
  const limited = limit > 1 ? `told from ${limit.toFixed(1)} times the threshold on` : 'all are told';
  return `Alert budget of ${team}: ${alertsPerWeek} a week wanted, ${told} told of ${counted} found; ${limited}.`;
}
