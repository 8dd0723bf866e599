import { element } from '../element.js';
import { formatEntity } from '../format.js';
import { timeLabel } from './time-label.js';

/**
 * What happened, in order: onsets, the incident's own life, its actions.
 * @param {any} incident @param {readonly any[]} anomalies @param {readonly any[]} actions
 */
export function timelineCard(incident, anomalies, actions) {
  const moments = collect(incident, anomalies, actions).sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return element(
    'section',
    { class: 'card', 'aria-label': 'Timeline' },
    element('h2', {}, 'Timeline'),
    element(
      'ol',
      { class: 'timeline' },
      moments.map(({ at, tone, text }) =>
        element(
          'li',
          {},
          timeLabel(at),
          element('span', { class: 'dot', 'data-tone': tone }),
          element('span', { class: 'break' }, text),
        ),
      ),
    ),
  );
}

function collect(incident, anomalies, actions) {
  const moments = [{ at: incident.openedAt, tone: 'critical', text: 'Incident raised' }];
  for (const { onset, entity, reason } of anomalies) {
    moments.push({ at: onset, tone: 'warning', text: `${formatEntity(entity)}: ${reason}` });
  }
  for (const { at, text, kind } of incident.diagnosis.causes[0]?.evidence ?? []) {
    if (at && (kind === 'event' || kind === 'change')) moments.push({ at, tone: 'critical', text });
  }
  for (const { createdAt, appliedAt, state, updatedAt, target, outcome } of actions) {
    moments.push({ at: createdAt, text: `Action on ${target.name} proposed` });
    if (appliedAt) moments.push({ at: appliedAt, tone: 'good', text: `Action on ${target.name} written` });
    if (outcome) moments.push({ at: updatedAt, tone: 'good', text: `${target.name}: ${outcome.text}` });
    else if (state === 'rejected' || state === 'failed')
      moments.push({ at: updatedAt, text: `Action on ${target.name} ${state}` });
  }
  if (incident.resolvedAt) moments.push({ at: incident.resolvedAt, tone: 'good', text: 'Resolved' });
  return moments;
}
