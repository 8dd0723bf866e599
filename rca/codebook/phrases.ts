import type { Ramp, SignalChange } from '../evidence/component-evidence.ts';

/** `latency (p95) rose from 12.1 ms to 340 ms (robust z 41)`. */
export function changeText({ series, score }: SignalChange): string {
  const verb = score.direction === 1 ? 'rose' : 'fell';
  const from = formatAmount(score.reference, series.unit);
  const to = formatAmount(score.peak, series.unit);
  return `${series.name} ${verb} from ${from} to ${to} (robust z ${formatNumber(Math.min(score.z, 9999))})`;
}

export function rampText(ramp: Ramp): string {
  const { unit } = ramp.series;
  const seconds = (ramp.toMs - ramp.fromMs) / 1000;
  const slope = formatAmount((ramp.toValue - ramp.fromValue) / Math.max(1, seconds / 60), unit);
  const from = formatAmount(ramp.fromValue, unit);
  const to = formatAmount(ramp.toValue, unit);
  return `memory climbed steadily from ${from} to ${to} in ${Math.round(seconds)} s (${slope} a minute)`;
}

export function formatShare(share: number): string {
  return Number.isNaN(share) ? 'an unknown share' : `${Math.round(share * 100)} %`;
}

/** An amount with its unit, for people: bytes in MiB, seconds below one in ms. */
export function formatAmount(value: number, unit: string): string {
  if (unit === 'By' || unit === 'bytes') return `${formatNumber(value / 1_048_576)} MiB`;
  if (unit === 's' && Math.abs(value) < 1) return `${formatNumber(value * 1000)} ms`;
  if (unit === '' || unit === '1') return formatNumber(value);
  return `${formatNumber(value)} ${unit.replaceAll(/[{}]/g, '')}`;
}

/** Three significant digits, no exponent in the usual range. */
export function formatNumber(value: number): string {
  return String(Number(value.toPrecision(3)));
}
