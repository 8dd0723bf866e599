import { expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { createNoise } from '../testing/synthetic.ts';
import { recoveredFrom } from './recovered-high.ts';
import { createResourceTrack, takeReadings } from './resource-track.ts';
import { createTrendPyramid } from './trend-pyramid.ts';

const minute = 60_000;

/** Memory, measured each so many milliseconds with noise of half a percent, as it is after `minutes`. */
function trackOf(everyMs: number, minutes: number, usedAt: (minute: number) => number) {
  const noise = createNoise(createRandom(7));
  const track = createResourceTrack('memory', '', 'node');
  track.parts.free.push(0);
  track.parts.capacity.push(1);
  const readings = { values: Float64Array.of(0, 1), timesMs: new Float64Array(2) };
  const pyramid = createTrendPyramid();
  for (let timeMs = everyMs; timeMs <= minutes * minute; timeMs += everyMs) {
    readings.values[0] = 1 - usedAt(timeMs / minute) - 0.005 * noise();
    readings.timesMs.fill(timeMs);
    takeReadings(track, readings, pyramid, 15_000, undefined);
  }
  return track;
}

test.each([5, 15])('a leak seen through noise every %i s came down from nothing on its way', (seconds) => {
  const track = trackOf(seconds * 1000, 300, (at) => 0.4 + (0.5 * at) / 300);
  expect(track.used).toBeGreaterThan(0.85);
  expect(recoveredFrom(track.recovered)).not.toBeGreaterThan(0.5);
});

test('what comes down within minutes does so at whatever distance its samples are', () => {
  for (const seconds of [5, 15, 60]) {
    const saw = trackOf(seconds * 1000, 300, (at) => 0.3 + (0.5 * (at % 40)) / 40);
    expect(recoveredFrom(saw.recovered)).toBeGreaterThan(0.77);
  }
});
