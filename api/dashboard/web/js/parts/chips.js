import { element } from '../element.js';

const tones = {
  critical: 'critical',
  warning: 'warning',
  info: 'accent',
  open: 'critical',
  resolved: 'good',
  firing: 'warning',
  cleared: 'good',
  healthy: 'good',
  anomalous: 'warning',
  symptom: 'warning',
  cause: 'critical',
  proposed: 'accent',
  gated: 'warning',
  approved: 'accent',
  intended: 'accent',
  applied: 'accent',
  verified: 'good',
  failed: 'critical',
  unknown: 'warning',
  confirmed: 'warning',
};

const words = { gated: 'held back', verified: 'done, verified', intended: 'being written' };

/** A state or severity as a small label. @param {string} value */
export function chip(value, tone = tones[value]) {
  return element('span', { class: 'chip', 'data-tone': tone }, words[value] ?? value);
}
