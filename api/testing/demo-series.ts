import { createRandom, type EntityRef, type SeriesPoints } from '../../model/index.ts';
import { pod, service } from './demo-entities.ts';

const stepMs = 15_000;

interface Shape {
  readonly fingerprint: string;
  readonly metric: string;
  readonly unit: string;
  readonly entity: EntityRef;
  readonly seed: number;
  readonly level: number;
  readonly noise: number;
  /** Factor on the level, by minutes since the onset (negative before). */
  readonly effect: (minutes: number) => number;
}

const leak = (minutes: number) => (minutes < 0 ? 1 : minutes < 9 ? 1 + minutes * 0.19 : 0.95);
const slow = (minutes: number) => (minutes < 4 || minutes > 12 ? 1 : 1 + (minutes - 4) * 0.9);

const shapes: readonly Shape[] = [
  {
    fingerprint: 'a1b2c3d4e5f60001',
    metric: 'container_memory_working_set_bytes',
    unit: 'bytes',
    entity: pod('cart-6d9f7c-x2x9k'),
    seed: 1,
    level: 190e6,
    noise: 0.012,
    effect: leak,
  },
  {
    fingerprint: 'a1b2c3d4e5f60002',
    metric: 'http.server.request.duration.p95',
    unit: 'ms',
    entity: service('cart'),
    seed: 2,
    level: 62,
    noise: 0.07,
    effect: slow,
  },
  {
    fingerprint: 'a1b2c3d4e5f60003',
    metric: 'http.server.request.duration.p95',
    unit: 'ms',
    entity: service('checkout'),
    seed: 3,
    level: 118,
    noise: 0.06,
    effect: (minutes) => 1 + (slow(minutes) - 1) * 0.6,
  },
];

/** The last hour of every series, the trouble starting `onsetMs`. */
export function demoSeries(fromMs: number, toMs: number, onsetMs: number): readonly SeriesPoints[] {
  return shapes.map((shape) => pointsOf(shape, fromMs, toMs, onsetMs));
}

function pointsOf(shape: Shape, fromMs: number, toMs: number, onsetMs: number): SeriesPoints {
  const random = createRandom(shape.seed);
  const timesMs: number[] = [];
  for (let time = Math.ceil(fromMs / stepMs) * stepMs; time <= toMs; time += stepMs) timesMs.push(time);
  const rhythm = timesMs.map((time) => shape.level * (1 + 0.06 * Math.sin(time / 600_000)));
  const known = (factor: number) => rhythm.map((value, i) => (i < 8 ? Number.NaN : value * factor));
  return {
    fingerprint: shape.fingerprint,
    metric: shape.metric,
    unit: shape.unit,
    kind: 'gauge',
    entity: shape.entity,
    labels: { 'k8s.namespace.name': 'shop', 'service.name': '<img src=x onerror=alert(1)>' },
    timesMs,
    values: timesMs.map((time, i) => {
      const minutes = (time - onsetMs) / 60_000;
      return (rhythm[i] ?? 0) * shape.effect(minutes) * (1 + shape.noise * (random() * 2 - 1));
    }),
    expected: known(1),
    lower: known(1 - shape.noise * 2.5),
    upper: known(1 + shape.noise * 2.5),
  };
}
