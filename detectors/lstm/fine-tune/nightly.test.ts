import { expect, test } from 'vitest';
import { createZoneClock } from '../../calendar/index.ts';
import { nextNightMs } from './nightly.ts';

const iso = (text: string) => Date.parse(text);

test('the next night is today before its hour and tomorrow from it on', () => {
  const utc = createZoneClock('UTC');
  expect(nextNightMs(iso('2026-05-11T01:59:59Z'), 2, utc)).toBe(iso('2026-05-11T02:00:00Z'));
  expect(nextNightMs(iso('2026-05-11T02:00:00Z'), 2, utc)).toBe(iso('2026-05-12T02:00:00Z'));
});

test('it is counted by local clocks, through the change to summer time', () => {
  const berlin = createZoneClock('Europe/Berlin');
  expect(nextNightMs(iso('2026-01-10T22:00:00Z'), 3, berlin)).toBe(iso('2026-01-11T02:00:00Z'));
  expect(nextNightMs(iso('2026-03-28T22:00:00Z'), 3, berlin)).toBe(iso('2026-03-29T01:00:00Z'));
  // Local clocks never show two o'clock that night: it is the moment of the jump.
  expect(nextNightMs(iso('2026-03-28T22:00:00Z'), 2, berlin)).toBe(iso('2026-03-29T01:00:00Z'));
});
