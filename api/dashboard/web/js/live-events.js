const types = ['incident', 'anomaly', 'proposal', 'action', 'audit', 'feedback'];

/**
 * Follows the event stream. The browser comes back by itself with Last-Event-ID; where too much was missed, or the
 * server refused, everything is loaded again.
 * @param {ReturnType<import('./app-state.js').createAppState>} state
 */
export function followEvents(state) {
  let opened = false;
  const source = new EventSource('/api/v1/events');
  source.addEventListener('open', () => {
    if (opened) void state.refresh();
    opened = true;
    state.setLive(true);
  });
  source.addEventListener('error', () => {
    state.setLive(false);
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => {
      void state.load();
      followEvents(state);
    }, 5000);
  });
  source.addEventListener('resync', () => void state.load());
  for (const type of types) {
    source.addEventListener(type, (event) => state.put(type, JSON.parse(event.data)));
  }
}
