import { expect, test } from 'vitest';
import { createStateReader } from '../checkpoint/state-reader.ts';
import { createStateWriter } from '../checkpoint/state-writer.ts';
import { createHourMoment, createHourProfiles, type HourProfiles } from './hour-profile.ts';

const minuteMs = 60_000;

const moment = { ...createHourMoment(), scale: 1, intervalMs: minuteMs };

/** What is expected of a distance at a minute since the epoch. */
function expectedOf(profiles: HourProfiles, slot: number, at: number, distance: number): number {
  moment.localMs = at * minuteMs;
  moment.distance = distance;
  profiles.expect(slot, moment);
  return moment.expected;
}

/** Lives hours of a value a minute, in scales; gives whether there was hope to the end. */
function live(
  profiles: HourProfiles,
  slot: number,
  hours: readonly [number, number],
  of: (minute: number, hour: number) => number,
) {
  let hope = true;
  for (let at = hours[0] * 60; at < hours[1] * 60; at += 1) {
    expectedOf(profiles, slot, at, of(at % 60, Math.floor(at / 60)));
    hope = profiles.observe(slot, moment);
  }
  return hope;
}

const noise = (minute: number, hour: number) => Math.sin(minute * 12.9 + hour * 78.2);

test('a minute that deviates each hour is expected from the fourth hour on, and missed once it is reliable', () => {
  const profiles = createHourProfiles();
  const slot = profiles.allocate();
  const job = (minute: number, hour: number) => (minute === 30 ? 12 : 0) + noise(minute, hour);
  live(profiles, slot, [0, 4], job);
  expect(expectedOf(profiles, slot, 4 * 60 + 30, 12)).toBeCloseTo(12, 0);
  expect(expectedOf(profiles, slot, 4 * 60 + 30, 0)).toBe(0);
  const fresh = profiles.allocate();
  live(profiles, fresh, [0, 3], job);
  profiles.observe(fresh, { ...moment, localMs: 3 * 60 * minuteMs, distance: 0, expected: 0 });
  expect(expectedOf(profiles, fresh, 3 * 60 + 30, 12)).toBeCloseTo(12, 0);
  expect(live(profiles, slot, [4, 30], job)).toBe(true);
  const at = (minute: number, distance: number) => expectedOf(profiles, slot, 30 * 60 + minute, distance);
  expect(at(0, 12)).toBe(0);
  expect(at(29, 12)).toBeCloseTo(12, 0);
  expect(at(29, 40)).toBeCloseTo(12, 0);
  expect(at(29, -3)).toBe(0);
  expect(at(30, 0)).toBeCloseTo(12, 0);
  expect(at(31, 0)).toBe(0);
  expect(at(32, 12)).toBe(0);
});

test('what comes in four of five hours only is never missed', () => {
  const profiles = createHourProfiles();
  const slot = profiles.allocate();
  live(profiles, slot, [0, 60], (minute, hour) => (minute === 30 && hour % 5 !== 4 ? 12 : 0) + noise(minute, hour));
  expect(expectedOf(profiles, slot, 60 * 60 + 30, 12)).toBeCloseTo(12, 0);
  expect(expectedOf(profiles, slot, 60 * 60 + 30, 0)).toBe(0);
});

test('most of an hour off its level is another level; what does not come again is given up', () => {
  const profiles = createHourProfiles();
  const off = profiles.allocate();
  expect(live(profiles, off, [0, 12], (minute, hour) => (minute > 20 ? 12 : 0) + noise(minute, hour))).toBe(false);
  expect(expectedOf(profiles, off, 12.5 * 60, 12)).toBe(0);
  const once = profiles.allocate();
  expect(live(profiles, once, [0, 12], (minute, hour) => (hour === 0 && minute === 5 ? 30 : noise(minute, hour)))).toBe(
    false,
  );
});

test('a slot is kept by a checkpoint, and empty when it is given again', () => {
  const profiles = createHourProfiles();
  const slot = profiles.allocate();
  live(profiles, slot, [0, 5], (minute) => (minute === 30 ? 12 : 0));
  const writer = createStateWriter();
  profiles.save(writer);
  const loaded = createHourProfiles();
  loaded.load(createStateReader(writer.finish()));
  expect(expectedOf(loaded, slot, 5.5 * 60, 12)).toBeCloseTo(12, 2);
  loaded.free(slot);
  expect(loaded.allocate()).toBe(slot);
  expect(expectedOf(loaded, slot, 6.5 * 60, 12)).toBe(0);
});
