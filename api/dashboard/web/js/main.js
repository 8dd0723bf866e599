import { createAppState } from './app-state.js';
import { createHeader } from './header.js';
import { followEvents } from './live-events.js';
import { mountAnomalies } from './views/anomalies-view.js';
import { mountAudit } from './views/audit-view.js';
import { mountChanges } from './views/changes-view.js';
import { mountEntities } from './views/entities-view.js';
import { mountIncidents } from './views/incidents-view.js';
import { mountModels } from './views/models-view.js';
import { mountQuery } from './views/query-view.js';

/** A view puts itself into `root` and returns how to update and how to leave. */
const views = {
  incidents: mountIncidents,
  changes: mountChanges,
  anomalies: mountAnomalies,
  entities: mountEntities,
  models: mountModels,
  query: mountQuery,
  audit: mountAudit,
};

const main = document.getElementById('main');
const state = createAppState();
const updateHeader = createHeader(document.getElementById('header'), state);
let page = '';
/** @type {{update(): void, navigate?(id: string | undefined): void, leave?(): void}} */
let view = { update() {} };

/** `#/incidents/inc-1`, `#/query?metric=up`: page, id and query. */
function readAddress() {
  const [path, search = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
  const [name, id] = path.split('/', 2);
  return {
    page: name in views ? name : 'incidents',
    id: id && decodeURIComponent(id),
    query: new URLSearchParams(search),
  };
}

function show() {
  const address = readAddress();
  if (address.page === page && view.navigate) view.navigate(address.id);
  else {
    view.leave?.();
    main.replaceChildren();
    page = address.page;
    view = views[page](main, state, address);
    window.scrollTo(0, 0);
  }
  update();
}

function update() {
  updateHeader(page);
  view.update();
}

window.addEventListener('hashchange', show);
state.subscribe(update);
show();
await state.load();
followEvents(state);
