import type { UsageRole } from './usage-role.ts';

/** The latest reading of one series: plain data. */
export interface UsageSlot {
  readonly series: number;
  readonly role: UsageRole;
  atMs: number;
  /** Cores or bytes; NaN until known (a counter needs two points). */
  value: number;
  /** The latest raw point of a counter. */
  rawAtMs: number;
  raw: number;
  /** Since when the value has not changed by a single bit: a frozen sender. */
  sameSinceMs: number;
}

export function createSlot(series: number, role: UsageRole): UsageSlot {
  return { series, role, atMs: 0, value: Number.NaN, rawAtMs: 0, raw: Number.NaN, sameSinceMs: 0 };
}

const longestGapMs = 300_000;

/** Takes one sample. Out of order, negative and not finite ones are left out; a counter that falls has started anew. */
export function takeSample(slot: UsageSlot, timeMs: number, value: number, role = slot.role): void {
  if (!Number.isFinite(value) || value < 0) return;
  if (!role.cumulative) {
    if (timeMs <= slot.atMs) return;
    setValue(slot, timeMs, value);
    return;
  }
  if (timeMs <= slot.rawAtMs) return;
  const gapMs = timeMs - slot.rawAtMs;
  if (Number.isFinite(slot.raw) && value >= slot.raw && gapMs <= longestGapMs) {
    setValue(slot, timeMs, ((value - slot.raw) * 1000) / gapMs);
  }
  slot.raw = value;
  slot.rawAtMs = timeMs;
}

function setValue(slot: UsageSlot, timeMs: number, value: number): void {
  if (!(value === slot.value)) slot.sameSinceMs = timeMs;
  slot.value = value;
  slot.atMs = timeMs;
}

/** Usage of one pod as it was last told. */
export interface PodReading {
  readonly value: number;
  readonly atMs: number;
  readonly sameSinceMs: number;
}

/**
 * A pod's usage of one resource: the preferred fresh series about the whole pod, else the sum over its containers. One
 * container's own usage where a name is given. Undefined where nothing fresh says so.
 */
export function readPod(
  slots: readonly UsageSlot[],
  resource: UsageRole['resource'],
  sinceMs: number,
  container?: string,
): PodReading | undefined {
  const fresh = slots.filter(
    (slot) => slot.role.resource === resource && slot.atMs >= sinceMs && Number.isFinite(slot.value),
  );
  if (fresh.length === 0) return undefined;
  if (container !== undefined) return best(fresh.filter((slot) => slot.role.container === container));
  const whole = best(fresh.filter((slot) => slot.role.container === ''));
  if (whole !== undefined) return whole;
  const preference = Math.min(...fresh.map((slot) => slot.role.preference));
  return sum(fresh.filter((slot) => slot.role.preference === preference));
}

function best(slots: readonly UsageSlot[]): PodReading | undefined {
  if (slots.length === 0) return undefined;
  return slots.reduce((a, b) => (b.role.preference < a.role.preference ? b : a));
}

function sum(slots: readonly UsageSlot[]): PodReading {
  return {
    value: slots.reduce((total, slot) => total + slot.value, 0),
    atMs: Math.min(...slots.map((slot) => slot.atMs)),
    sameSinceMs: Math.max(...slots.map((slot) => slot.sameSinceMs)),
  };
}
