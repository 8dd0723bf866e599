import { element } from '../element.js';

/**
 * What there is not, and what to do about it.
 * @param {string} title @param {string} text @param {...(Node | string)} more
 */
export function emptyState(title, text, ...more) {
  return element('div', { class: 'empty' }, element('h2', {}, title), element('p', {}, text), more);
}

/** How to send telemetry here. */
export function connectHelp() {
  const host = location.host;
  return element(
    'code',
    { class: 'code-block' },
    [
      '# prometheus.yml',
      'remote_write:',
      `  - url: http://${host}/api/v1/write`,
      '',
      '# OpenTelemetry SDK or Collector, OTLP over HTTP',
      `OTEL_EXPORTER_OTLP_ENDPOINT=http://${location.hostname}:4318`,
    ].join('\n'),
  );
}
