import { element } from '../element.js';

/**
 * @param {string} label For those who cannot see it.
 * @param {readonly {name: string, number?: boolean}[]} columns
 * @param {readonly (readonly unknown[])[]} rows Cells: nodes or texts.
 */
export function dataTable(label, columns, rows) {
  const kind = (column) => (columns[column].number ? 'number' : undefined);
  return element(
    'div',
    { class: 'table-wrap', tabindex: 0, role: 'region', 'aria-label': label },
    element(
      'table',
      { class: 'table' },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          columns.map(({ name }, i) => element('th', { scope: 'col', class: kind(i) }, name)),
        ),
      ),
      element(
        'tbody',
        {},
        rows.map((cells) =>
          element(
            'tr',
            {},
            cells.map((cell, i) => element('td', { class: kind(i) }, cell)),
          ),
        ),
      ),
    ),
  );
}
