import { goodAlerts, goodEvent } from './doors.ts';
import { named, type Row } from './row.ts';

const json = (value: unknown) => ({ wire: Buffer.from(JSON.stringify(value)) });
const alertmanager = named('Alertmanager');
const structured = named('CloudEvents structured');
const binary = named('CloudEvents binary');
const batch = named('CloudEvents batch');
const oneAlert = goodAlerts();
const withAlert = (more: object) =>
  goodAlerts(1, { alerts: [{ ...goodAlerts().alerts[0], ...more }, goodAlerts().alerts[0]] });

/** B16, B17. */
export const messages: readonly Row[] = [
  {
    what: 'B16 an event: no specversion',
    to: structured,
    send: () => json({ ...goodEvent(), specversion: undefined }),
    answer: 'unreadable',
  },
  {
    what: 'B16 an event: of version 0.3',
    to: structured,
    send: () => json({ ...goodEvent(), specversion: '0.3' }),
    answer: 'unreadable',
  },
  {
    what: 'B16 an event: an empty id',
    to: structured,
    send: () => json({ ...goodEvent(), id: '' }),
    answer: 'unreadable',
  },
  {
    what: 'B16 an event: a time that is none',
    to: structured,
    send: () => json({ ...goodEvent(), time: '2026-02-30T25:00:00Z' }),
    answer: 'unreadable',
  },
  {
    what: 'B16 an event: a name that is none',
    to: structured,
    send: () => json({ ...goodEvent(), 'Not-A-Name': 1 }),
    answer: 'unreadable',
  },
  {
    what: 'B16 an event: data twice',
    to: structured,
    send: () => json({ ...goodEvent(), data_base64: 'AA==' }),
    answer: 'unreadable',
  },
  {
    what: 'B16 an event: a year ahead',
    to: structured,
    send: () => json({ ...goodEvent(), time: new Date(Date.now() + 3e10).toISOString() }),
    answer: 'partial',
  },
  {
    what: 'B16 an event: bad percent-encoding',
    to: binary,
    send: (door) => ({ ...door.pack(door.good()), more: [['ce-subject', '%C3%28']] }),
    answer: 'unreadable',
  },
  {
    what: 'B16 an event: percent and no digits',
    to: binary,
    send: (door) => ({ ...door.pack(door.good()), more: [['ce-subject', '%zz']] }),
    answer: 'unreadable',
  },
  {
    what: 'B16 an event: ce-datacontenttype',
    to: binary,
    send: (door) => ({ ...door.pack(door.good()), more: [['ce-datacontenttype', 'a/b']] }),
    answer: 'unreadable',
  },
  {
    what: 'B16 an event: a tombstone over HTTP is one without data',
    to: binary,
    send: () => ({ wire: new Uint8Array(0) }),
    answer: 'accepted',
  },
  {
    what: 'B16 a batch: one of two is no event',
    to: batch,
    send: () => json([goodEvent(), { id: 1 }]),
    answer: 'partial',
    kept: 1,
  },
  { what: 'B16 a batch: of nothing', to: batch, send: () => json([]), answer: () => '204' },
  { what: 'B16 a batch: within a batch', to: batch, send: () => json([[goodEvent()]]), answer: 'partial' },
  {
    what: 'B16 events: of another format',
    to: structured,
    send: (door) => ({ ...door.pack(door.good()), type: 'application/cloudevents+xml' }),
    answer: 'type',
  },
  {
    what: 'B17 alerts: of version 3',
    to: alertmanager,
    send: () => json(goodAlerts(1, { version: '3' })),
    answer: 'unreadable',
  },
  {
    what: 'B17 alerts: without a groupKey',
    to: alertmanager,
    send: () => json(goodAlerts(1, { groupKey: undefined })),
    answer: 'unreadable',
  },
  { what: 'B17 alerts: none', to: alertmanager, send: () => json(goodAlerts(0)), answer: () => '204' },
  { what: 'B17 alerts: 100,000', to: alertmanager, send: () => json(goodAlerts(100_000)), answer: 'too large' },
  {
    what: 'B17 alerts: 10,000',
    to: alertmanager,
    send: () => json(goodAlerts(10_000)),
    answer: 'accepted',
    kept: 10_000,
  },
  {
    what: 'B17 alerts: more that were left out',
    to: alertmanager,
    send: () => json(goodAlerts(1, { truncatedAlerts: 7 })),
    answer: 'accepted',
  },
  { what: 'B17 alerts: sent again', to: alertmanager, send: () => json(oneAlert), answer: 'accepted' },
  {
    what: 'B17 alerts: one is neither firing nor resolved',
    to: alertmanager,
    send: () => json(withAlert({ status: 'odd' })),
    answer: 'partial',
    kept: 1,
  },
  {
    what: 'B17 alerts: one has no labels',
    to: alertmanager,
    send: () => json(withAlert({ labels: null })),
    answer: 'partial',
    kept: 1,
  },
  {
    what: 'B17 alerts: one has no time',
    to: alertmanager,
    send: () => json(withAlert({ startsAt: 'soon' })),
    answer: 'partial',
    kept: 1,
  },
];
