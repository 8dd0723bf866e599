import { sendJson } from '../api-client.js';
import { element } from '../element.js';
import { attempt, showToast } from '../toast.js';
import { chip } from './chips.js';

const words = { not_an_anomaly: 'not an anomaly', confirmed: 'confirmed' };
const verbs = { not_an_anomaly: 'Not an anomaly', confirmed: 'Confirm' };

/** What was said of an anomaly, with a way back; or what can be said. @param {any} anomaly @param {any} state */
export function feedbackButtons(anomaly, state) {
  const given = state.list('feedback').find((one) => one.anomaly === anomaly.id && one.state === 'active');
  if (given !== undefined) {
    return element(
      'div',
      { class: 'row buttons' },
      element('span', { title: given.effect }, chip(words[given.verdict])),
      button(`undo-${given.id}`, 'Undo', async () => {
        state.put('feedback', await sendJson('DELETE', `/feedback/${encodeURIComponent(given.id)}`, {}));
        showToast('Undone.');
      }),
    );
  }
  return element(
    'div',
    { class: 'row buttons' },
    Object.entries(verbs).map(([verdict, label]) =>
      button(`${verdict}-${anomaly.id}`, label, async () => {
        const path = `/anomalies/${encodeURIComponent(anomaly.id)}/feedback`;
        const feedback = await sendJson('POST', path, { verdict });
        state.put('feedback', feedback);
        showToast(feedback.effect);
      }),
    ),
  );
}

function button(key, label, press) {
  const node = element(
    'button',
    {
      type: 'button',
      class: 'button',
      'data-key': key,
      onclick: () =>
        void attempt(async () => {
          node.disabled = true;
          try {
            await press();
          } finally {
            node.disabled = false;
          }
        }),
    },
    label,
  );
  return node;
}
