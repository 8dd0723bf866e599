import { median } from '../../measure-rate.ts';
import type { Segment } from './segments.ts';
import { segmentsOf } from './segments.ts';

/** The scored part of a series: columns of equal length. */
export interface ScoredPart {
  readonly timesMs: Float64Array;
  readonly labels: Uint8Array;
}

/** Alarms closer than this, or than five points, are one episode. */
const mergeMs = 30 * 60_000;
const mergePoints = 5;
const dayMs = 86_400_000;

export interface EventCounts {
  readonly events: number;
  /** Labelled events with an alarm inside. */
  readonly found: number;
  readonly episodes: number;
  /** Episodes that touch no label. */
  readonly falseEpisodes: number;
  readonly days: number;
  /** For each event found, from its first point to the first alarm inside. */
  readonly delaysMs: readonly number[];
}

/** Typical distance of two points. */
export function intervalMs(timesMs: Float64Array): number {
  const step = Math.max(1, Math.floor(timesMs.length / 2000));
  const distances: number[] = [];
  for (let at = 1; at < timesMs.length; at += step) distances.push(timesMs[at]! - timesMs[at - 1]!);
  return distances.length === 0 ? 0 : median(distances);
}

/** How long a part lasts, the last point's own interval included. */
export function daysOf(timesMs: Float64Array): number {
  if (timesMs.length === 0) return 0;
  return (timesMs[timesMs.length - 1]! - timesMs[0]! + intervalMs(timesMs)) / dayMs;
}

/** How far apart two alarms may be and yet be one episode. */
export function mergeGapMs(timesMs: Float64Array): number {
  return Math.max(mergeMs, mergePoints * intervalMs(timesMs));
}

/**
 * Alarms against labelled events, without point adjustment: an event is found if an alarm lies inside it, an episode of
 * alarms is true if it touches a label.
 */
export function countEvents(part: ScoredPart, alarms: Uint8Array): EventCounts {
  const { timesMs, labels } = part;
  const events = segmentsOf(labels);
  const delaysMs: number[] = [];
  for (const [first, last] of events) {
    for (let at = first; at <= last; at += 1) {
      if (alarms[at] === 0) continue;
      delaysMs.push(timesMs[at]! - timesMs[first]!);
      break;
    }
  }
  const episodes = episodesOf(timesMs, alarms);
  const falseEpisodes = episodes.filter(([first, last]) => !touches(labels, first, last)).length;
  return {
    events: events.length,
    found: delaysMs.length,
    episodes: episodes.length,
    falseEpisodes,
    days: daysOf(timesMs),
    delaysMs,
  };
}

/** Episodes of alarms: from the first to the last alarm of those that are close enough. */
export function episodesOf(timesMs: Float64Array, alarms: Uint8Array): readonly Segment[] {
  const gapMs = mergeGapMs(timesMs);
  const episodes: [number, number][] = [];
  for (let at = 0; at < alarms.length; at += 1) {
    if (alarms[at] === 0) continue;
    const open = episodes.at(-1);
    if (open !== undefined && timesMs[at]! - timesMs[open[1]]! <= gapMs) open[1] = at;
    else episodes.push([at, at]);
  }
  return episodes;
}

function touches(labels: Uint8Array, first: number, last: number): boolean {
  for (let at = first; at <= last; at += 1) if (labels[at] !== 0) return true;
  return false;
}

export interface EventFigures {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly falseEpisodesPerDay: number;
}

/** Precision, recall and F1 of counts added up; NaN where there is nothing to be right about. */
export function eventFigures(counts: Omit<EventCounts, 'delaysMs'>): EventFigures {
  const { events, found, episodes, falseEpisodes, days } = counts;
  const recall = events === 0 ? Number.NaN : found / events;
  const precision = episodes === 0 ? Number.NaN : (episodes - falseEpisodes) / episodes;
  // Without an alarm precision is undefined and F1, whose limit it is, zero.
  const f1 = events === 0 ? Number.NaN : found === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { precision, recall, f1, falseEpisodesPerDay: days === 0 ? Number.NaN : falseEpisodes / days };
}
