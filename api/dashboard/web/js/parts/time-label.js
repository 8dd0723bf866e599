import { element } from '../element.js';
import { formatTime } from '../format.js';

/** A time of day here, with the exact UTC time on hover. @param {string} timestamp */
export function timeLabel(timestamp) {
  return element('time', { datetime: timestamp, title: timestamp, class: 'nowrap' }, formatTime(timestamp));
}
