import { element } from '../element.js';
import { formatDuration, formatQuantity, unitOfMetric } from '../format.js';
import { plainText } from '../words/describe-anomaly.js';

/** Why a change is proposed, what it costs and what the known rules would do, folded away. @param {any} proposal */
export function reasoning({ id, reasons, forecast, cost, baselines }) {
  const items = [
    ...reasons.slice(1).map(plainText),
    ...(forecast ? [forecastText(forecast)] : []),
    costText(cost),
    ...baselines.map(({ name, wants }) => `${name} would want ${wants}`),
  ];
  return element(
    'details',
    { 'data-key': `why-${id}` },
    element('summary', {}, 'Why, and at what cost'),
    element(
      'ul',
      { class: 'bullets' },
      items.map((item) => element('li', { class: 'break' }, item)),
    ),
  );
}

function forecastText({ metric, horizonSeconds, now, expected, upper }) {
  const [from, to, most] = [now, expected, upper].map((value) => formatQuantity(value, unitOfMetric(metric)));
  return `forecast of ${metric} in ${formatDuration(horizonSeconds * 1000)}: ${from} → ${to}, at most ${most}`;
}

function costText({ before, after }) {
  const change = before === 0 ? 0 : ((after - before) / before) * 100;
  const sign = change > 0 ? '+' : '';
  return `cost ${before.toFixed(3)} → ${after.toFixed(3)} an hour (${sign}${change.toFixed(0)} %)`;
}
