const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
export const byteUnits = new Set(['bytes', 'byte', 'By']);
const secondUnits = new Set(['s', 'seconds']);

/**
 * A value with its unit, short enough for an axis: 512 MiB, 436 ms, 12 %, 1.2k.
 * @param {number} value @param {string} [unit]
 */
export function formatQuantity(value, unit = '') {
  if (!Number.isFinite(value)) return '–';
  if (byteUnits.has(unit)) return formatBytes(value);
  if (unit === 'ms' || secondUnits.has(unit)) return formatMilliseconds(unit === 'ms' ? value : value * 1000);
  if (unit === '%') return `${short(value)} %`;
  if (unit === 'ratio' || unit === 's/s') return `${short(value * 100)} %`;
  if (unit === '1/s' || /^\{.*\}\/s$/.test(unit)) return `${short(value)}/s`;
  if (unit === '{cpu}') return cores(value);
  const plain = unit === '' || unit === '1' || unit.startsWith('{');
  return plain ? short(value) : `${short(value)} ${unit}`;
}

/** @param {number} bytes */
export function formatBytes(bytes) {
  const step = bytes === 0 ? 0 : Math.min(binary.length - 1, Math.max(0, Math.floor(Math.log2(Math.abs(bytes)) / 10)));
  return `${short(bytes / 1024 ** step)} ${binary[step]}`;
}

/** The unit that a metric's name ends in, after Prometheus' naming rules; '' where it says none. @param {string} metric */
export function unitOfMetric(metric) {
  if (/[_.]bytes(_total)?$/.test(metric)) return 'bytes';
  return /[_.]seconds(_total)?$/.test(metric) ? 's' : '';
}

function formatMilliseconds(value) {
  const size = Math.abs(value);
  if (size >= 60_000) return `${short(value / 60_000)} min`;
  if (size >= 1000) return `${short(value / 1000)} s`;
  return `${short(value)} ms`;
}

function short(value) {
  const size = Math.abs(value);
  if (size >= 1e9) return `${trim(value / 1e9, 2)}G`;
  if (size >= 1e6) return `${trim(value / 1e6, 2)}M`;
  if (size >= 1e4) return `${trim(value / 1e3, 1)}k`;
  if (size >= 50 || value === Math.round(value)) return trim(value, 0);
  if (size < 1e-6) return '0';
  return size >= 1 ? trim(value, 1) : String(Number(value.toPrecision(2)));
}

function trim(value, digits) {
  return String(Number(value.toFixed(digits)));
}

/** @param {number} share 0 to 1. */
export function formatPercent(share) {
  const percent = share * 100;
  return `${percent > 0 && percent < 1 ? Number(percent.toPrecision(1)) : Math.round(percent)} %`;
}

/** @param {number} milliseconds */
export function formatDuration(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} days`;
}

/** Time of day here, with the date where it is not today. @param {string} timestamp */
export function formatTime(timestamp) {
  const time = new Date(timestamp);
  const clock = time.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
  if (time.toDateString() === new Date().toDateString()) return clock;
  return `${time.toLocaleDateString([], { month: 'short', day: 'numeric' })} ${clock}`;
}

/** @param {{kind: string, namespace: string, name: string}} entity */
export function formatEntity(entity) {
  return entity.namespace === '' ? entity.name : `${entity.namespace}/${entity.name}`;
}

/** @param {{kind: string, namespace: string, name: string}} entity */
export function entityKey(entity) {
  return `${entity.kind}|${entity.namespace}|${entity.name}`;
}

/** A change as what it changes, from and to. @param {any} change */
export function describeChange(change) {
  if (change.type === 'scale') return { what: 'Replicas', from: String(change.from), to: String(change.to) };
  if (change.type === 'restart') return { what: 'Restart', from: '', to: 'rolling, under its own strategy' };
  const how = change.method === 'in-place' ? 'in place' : 'rolls the pods';
  return {
    what: `${change.container} (${how})`,
    from: amounts(change.from, change.to),
    to: amounts(change.to, change.from),
  };
}

function amounts(resources, other) {
  const parts = [];
  for (const bound of ['requests', 'limits']) {
    for (const [kind, format] of [
      ['cpuCores', cores],
      ['memoryBytes', formatBytes],
    ]) {
      const value = resources[bound]?.[kind];
      if (value === other[bound]?.[kind]) continue;
      const label = `${kind === 'cpuCores' ? 'CPU' : 'memory'} ${bound.slice(0, -1)}`;
      parts.push(`${label} ${value === undefined ? 'none' : format(value)}`);
    }
  }
  return parts.length === 0 ? 'unchanged' : parts.join(', ');
}

function cores(value) {
  return `${short(value)} cores`;
}
