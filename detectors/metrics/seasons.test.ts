import { expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { type Calendar, createCalendar, utcCalendar } from '../calendar/index.ts';
import { createStateReader } from '../checkpoint/state-reader.ts';
import { createStateWriter } from '../checkpoint/state-writer.ts';
import { createNoise } from '../testing/synthetic.ts';
import type { SeasonProfiles } from './season-profile.ts';
import { createSeasons } from './seasons.ts';

const unknown = { season: Number.NaN, least: Number.NaN, most: Number.NaN, rise: Number.NaN };

const dayMs = 86_400_000;
const stepMs = 900_000;
/** A Monday. */
const startMs = Date.UTC(2026, 0, 5);

type Shape = (localMs: number, noise: number) => number;

/** Plays days of a shape into a slot; gives the mean distance of what was expected from the shape, day by day. */
function live(
  seasons: SeasonProfiles,
  slot: number,
  calendar: Calendar,
  days: readonly [number, number],
  shape: Shape,
) {
  const noise = createNoise(createRandom(days[0] + 1));
  const off: number[] = [];
  for (let day = days[0]; day < days[1]; day += 1) {
    let sum = 0;
    for (let at = 0; at < 96; at += 1) {
      const timeMs = startMs + day * dayMs + at * stepMs + stepMs / 2;
      const localMs = timeMs + calendar.offsetMs(timeMs);
      const moment = { ...unknown, localMs, value: shape(localMs, noise()) };
      seasons.observe(slot, moment);
      sum += Math.abs(moment.season - shape(localMs, 0));
    }
    off.push(sum / 96);
  }
  return off;
}

const weekdayOf = (localMs: number) => new Date(localMs).getUTCDay();
const isFree = (localMs: number) => weekdayOf(localMs) % 6 === 0;
const daily = (localMs: number) => 100 + 60 * Math.sin((2 * Math.PI * localMs) / dayMs);
const office: Shape = (localMs, noise) => (isFree(localMs) ? 25 : daily(localMs)) + 3 * noise;

test('weekends are expected once three weeks have shown them, and workdays stay what they were', () => {
  const seasons = createSeasons(utcCalendar);
  const slot = seasons.allocate();
  const off = live(seasons, slot, utcCalendar, [0, 42], office);
  const saturday = (week: number) => off[week * 7 + 5]!;
  expect(saturday(2)).toBeGreaterThan(40);
  expect(saturday(4)).toBeLessThan(8);
  expect(saturday(5)).toBeLessThan(8);
  for (let day = 35; day < 40; day += 1) expect(off[day]).toBeLessThan(8);
});

test('a series without a week has none, whatever wanders in it', () => {
  const seasons = createSeasons(utcCalendar);
  const slot = seasons.allocate();
  let wander = 0;
  const alike = createSeasons(utcCalendar);
  const plain = alike.allocate();
  const off = live(seasons, slot, utcCalendar, [0, 70], (localMs, noise) => {
    wander = 0.99 * wander + noise;
    return daily(localMs) + wander;
  });
  expect(Math.max(...off.slice(28))).toBeLessThan(25);
  const writer = createStateWriter();
  live(alike, plain, utcCalendar, [0, 40], (localMs, noise) => daily(localMs) + 3 * noise);
  alike.save(writer);
  // Nothing was even tried: 1.5 KiB of days and little more.
  expect(writer.finish().length).toBeLessThan(3000);
});

test('a holiday is like a Sunday until three were seen, and teaches the workdays nothing', () => {
  const calendar = createCalendar({
    timeZone: 'Europe/Berlin',
    weekend: ['sat', 'sun'],
    holidays: ['2026-02-04', '2026-02-10/2026-02-13', '2026-03-04'],
  });
  const isHoliday = (localMs: number) => calendar.dayClassOf(Math.floor(localMs / dayMs)) === 2;
  const seasons = createSeasons(calendar);
  const slot = seasons.allocate();
  const off = live(seasons, slot, calendar, [0, 62], (localMs, noise) =>
    isHoliday(localMs) ? 20 + 2 * noise : office(localMs, noise),
  );
  const dayOf = (text: string) => Math.round((Date.parse(text) - startMs) / dayMs);
  expect(off[dayOf('2026-02-04')]).toBeLessThan(15);
  expect(off[dayOf('2026-02-16')]).toBeLessThan(10);
  expect(off[dayOf('2026-02-17')]).toBeLessThan(10);
  expect(off[dayOf('2026-03-04')]).toBeLessThan(8);
});

test('the week is kept by a checkpoint, and a slot given back begins anew', () => {
  const seasons = createSeasons(utcCalendar);
  const slot = seasons.allocate();
  live(seasons, slot, utcCalendar, [0, 35], office);
  const writer = createStateWriter();
  seasons.save(writer);
  const loaded = createSeasons(utcCalendar);
  loaded.load(createStateReader(writer.finish()));
  expect(live(loaded, slot, utcCalendar, [35, 42], office)).toEqual(live(seasons, slot, utcCalendar, [35, 42], office));
  loaded.free(slot);
  expect(loaded.allocate()).toBe(slot);
  const moment = { ...unknown, localMs: startMs, value: 1, season: 0 };
  loaded.observe(slot, moment);
  expect(moment.season).toBeNaN();
});
