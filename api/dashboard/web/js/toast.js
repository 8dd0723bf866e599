import { element } from './element.js';

const shownMs = 6000;

/** Says something in passing. @param {string} text */
export function showToast(text) {
  const toast = element('p', { class: 'toast' }, text);
  document.getElementById('toasts')?.append(toast);
  setTimeout(() => toast.remove(), shownMs);
}

/** Does something a person asked for; tells what went wrong. @param {() => Promise<unknown>} work */
export async function attempt(work) {
  try {
    await work();
  } catch (error) {
    showToast(error instanceof Error ? error.message : String(error));
  }
}
