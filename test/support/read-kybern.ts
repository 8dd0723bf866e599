import { eventually, type KybernProcess } from './kybern-process.ts';

interface QueryAnswer {
  readonly items: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly points: { readonly values: readonly number[]; readonly expected: readonly (number | null)[] };
  }[];
}

/** Waits until a series of that name has so many points, and gives it. `query`: further parameters of /api/v1/query. */
export function pointsOf(kybern: KybernProcess, metric: string, least: number, query = ''): Promise<readonly number[]> {
  const path = `/api/v1/query?from=-10m&metric=${encodeURIComponent(metric)}${query}`;
  return eventually(
    async () => {
      const { items } = await kybern.get<QueryAnswer>(path);
      return items.find(({ points }) => points.values.length >= least)?.points.values;
    },
    { withinMs: 60_000, what: () => `${least} points of ${metric}`, everyMs: 500 },
  );
}

/** Waits until a series of that name has been scored: the detectors stored what they expected of it beside its points. */
export async function scored(kybern: KybernProcess, metric: string, query = ''): Promise<void> {
  const path = `/api/v1/query?from=-10m&metric=${encodeURIComponent(metric)}${query}`;
  await eventually(
    async () => {
      const { items } = await kybern.get<QueryAnswer>(path);
      return items.some(({ points }) => points.expected.some((value) => typeof value === 'number'));
    },
    { withinMs: 120_000, what: () => `an expected band of ${metric}`, everyMs: 500 },
  );
}

/** Kybern's own metrics as they are now: the sum over one metric's samples whose labels contain all those given. */
export async function readOwnMetrics(
  kybern: KybernProcess,
): Promise<(name: string, labels?: Readonly<Record<string, string>>) => number> {
  const lines = (await (await fetch(`${kybern.url}/metrics`)).text()).split('\n');
  return (name, labels = {}) =>
    lines
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
