import { element } from './element.js';

/** Asks before something with consequences. @returns {Promise<boolean>} */
export function confirmChoice(title, text, yes) {
  return new Promise((resolve) => {
    const close = (answer) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const dialog = element(
      'dialog',
      { class: 'dialog', 'aria-labelledby': 'dialog-title', oncancel: () => close(false) },
      element('h2', { id: 'dialog-title' }, title),
      element('p', { class: 'soft' }, text),
      element(
        'div',
        { class: 'row' },
        element('button', { class: 'button', type: 'button', onclick: () => close(false) }, 'Cancel'),
        element('button', { class: 'button', 'data-kind': 'primary', type: 'button', onclick: () => close(true) }, yes),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}
