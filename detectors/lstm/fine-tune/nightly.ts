import type { ZoneClock } from '../../calendar/index.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Epoch milliseconds of the next time that local clocks show this hour, after `nowMs`. */
export function nextNightMs(nowMs: number, hour: number, zone: ZoneClock): number {
  const localDay = Math.floor((nowMs + zone.offsetMs(nowMs)) / dayMs);
  for (let day = localDay; ; day++) {
    const atMs = zone.epochMs(day * dayMs + hour * hourMs);
    if (atMs > nowMs) return atMs;
  }
}
