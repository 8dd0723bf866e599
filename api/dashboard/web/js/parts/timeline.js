import { element } from '../element.js';
import { timeLabel } from './time-label.js';

/** What happened, in order; what few ask for is folded away. @param {readonly any[]} moments As `momentsOf` gives them. */
export function timelineCard(moments) {
  const main = moments.filter((moment) => moment.main);
  return element(
    'section',
    { class: 'card', 'aria-label': 'Timeline' },
    element('h2', {}, 'Timeline'),
    listOf(main),
    main.length < moments.length &&
      element(
        'details',
        { class: 'unfold', 'data-key': 'all-moments' },
        element('summary', {}, `Show all ${moments.length}`),
        listOf(moments),
      ),
  );
}

function listOf(moments) {
  return element(
    'ol',
    { class: 'timeline' },
    moments.map(({ at, tone, text, more }) =>
      element(
        'li',
        {},
        timeLabel(at),
        element('span', { class: 'dot', 'data-tone': tone }),
        element(
          'span',
          { class: 'break' },
          text,
          more && element('span', { class: 'soft small nowrap' }, ` · ${more}`),
        ),
      ),
    ),
  );
}
