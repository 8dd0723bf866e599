import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { KybernError } from '../../model/index.ts';
import { cell, readCsv, readText } from '../series/csv.ts';
import type { MetricPoint, RecordedLabel, Recording, TelemetryFrame } from '../telemetry-frame.ts';

const dayMs = 86_400_000;

/** One metrics.csv: columns are (node, metric, statistic), rows are five minutes apart. */
interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly { readonly timeMs: number; readonly values: readonly number[] }[];
}

interface Column {
  readonly node: string;
  readonly name: string;
  readonly unit: string;
}

type Edge = readonly [client: string, server: string];

interface Segment {
  readonly table: Table;
  readonly edges: readonly Edge[];
  readonly shiftMs: number;
}

/** Whether PetShop data (Amazon's root-cause set) lie here: all of it, or one traffic scenario. */
export async function isPetshop(path: string): Promise<boolean> {
  return (await scenariosIn(path)).length > 0;
}

/**
 * Scenarios in time order; in each the metrics without an issue come first, moved by whole days to end before its first
 * issue (they were recorded months later), so that a day's rhythm stays. Nodes are services; latency, availability and
 * requests are gauges. A call edge is a service-graph counter; the set has no rates for edges, so that the callee's
 * requests stand in for them. Rejects with KYBERN_DATASET.
 */
export async function openPetshop(path: string): Promise<Recording> {
  const scenarios = await scenariosIn(path);
  if (scenarios.length === 0) throw new KybernError('KYBERN_DATASET', `${path} holds no PetShop scenario`);
  const read = await Promise.all(scenarios.map(readScenario));
  const segments = read.flatMap((scenario) => scenario.segments).sort((a, b) => beginOf(a) - beginOf(b));
  const labels = read.flatMap((scenario) => scenario.labels).sort((a, b) => a.startMs - b.startMs);
  const ends = segments.map(({ table, shiftMs }) => table.rows[table.rows.length - 1].timeMs + shiftMs);
  return {
    name: `petshop/${basename(resolve(path))}`,
    startMs: beginOf(segments[0]),
    endMs: Math.max(...ends),
    labels,
    async *frames() {
      yield* framesOf(segments);
    },
  };
}

async function scenariosIn(path: string): Promise<string[]> {
  const exists = (file: string) =>
    stat(file).then(
      () => true,
      () => false,
    );
  const is = async (folder: string) =>
    (await exists(join(folder, 'graph.csv'))) && (await exists(join(folder, 'train')));
  if (await is(path)) return [path];
  const entries = await readdir(path).catch(() => []);
  const folders = entries.map((entry) => join(path, entry)).sort();
  const found = await Promise.all(folders.map(is));
  return folders.filter((_, index) => found[index]);
}

async function readScenario(folder: string): Promise<{ segments: Segment[]; labels: RecordedLabel[] }> {
  const edges = await readGraph(join(folder, 'graph.csv'));
  const issues = (await readdir(join(folder, 'train'))).sort();
  const labels: RecordedLabel[] = [];
  const segments: Segment[] = [];
  for (const issue of issues) {
    const table = await readTable(join(folder, 'train', issue, 'metrics.csv'));
    segments.push({ table, edges, shiftMs: 0 });
    labels.push(await readTarget(join(folder, 'train', issue, 'target.json'), table));
  }
  const healthy = await readTable(join(folder, 'noissue', 'metrics.csv')).catch(() => undefined);
  if (healthy !== undefined && segments.length > 0) {
    const first = Math.min(...segments.map(beginOf));
    const last = healthy.rows[healthy.rows.length - 1].timeMs;
    segments.push({ table: healthy, edges, shiftMs: -Math.ceil((last - first + 1) / dayMs) * dayMs });
  }
  return { segments, labels };
}

const beginOf = ({ table, shiftMs }: Segment) => table.rows[0].timeMs + shiftMs;

/** An adjacency matrix: rows call columns. */
async function readGraph(file: string): Promise<Edge[]> {
  const [head = [], ...rows] = await readCsv(file);
  return rows.flatMap(([client, ...cells]) =>
    cells.flatMap((text, index): Edge[] => (Number(text) > 0 ? [[client, head[index + 1]]] : [])),
  );
}

const metricNames: Readonly<Record<string, readonly [name: string, unit: string]>> = {
  latency: ['service.latency', 's'],
  availability: ['service.availability', '%'],
  requests: ['service.requests', '{request}'],
};

async function readTable(file: string): Promise<Table> {
  const [nodes = [], metrics = [], statistics = [], ...lines] = await readCsv(file);
  const columns = nodes.slice(1).map((node, index): Column => {
    const [name, unit] = metricNames[metrics[index + 1]] ?? [`service.${metrics[index + 1]}`, ''];
    const statistic = statistics[index + 1].toLowerCase();
    return { node, unit, name: name === 'service.latency' ? `${name}.${statistic}` : name };
  });
  const rows = lines
    .map(([time, ...rest]) => ({ timeMs: Math.round(Number(time) * 1000), values: rest.map(cell) }))
    .filter((row) => row.values.some((value) => !Number.isNaN(value)));
  if (rows.length === 0 || rows.some((row) => Number.isNaN(row.timeMs))) {
    throw new KybernError('KYBERN_DATASET', `${file} has no rows of a PetShop metrics table`);
  }
  rows.sort((a, b) => a.timeMs - b.timeMs);
  return { columns, rows };
}

async function readTarget(file: string, table: Table): Promise<RecordedLabel> {
  const { target, root_cause: cause } = JSON.parse(await readText(file)) as {
    readonly target: { readonly node: string; readonly metric: string; readonly timestamp: number };
    readonly root_cause: { readonly node: string; readonly metric: string | null };
  };
  return {
    startMs: target.timestamp * 1000,
    endMs: table.rows[table.rows.length - 1].timeMs,
    service: cause.node,
    cause: cause.metric ?? `${target.metric} of ${target.node}`,
  };
}

function* framesOf(segments: readonly Segment[]): Iterable<TelemetryFrame> {
  const startMs = beginOf(segments[0]);
  const calls = new Map<string, number>();
  for (const { table, edges, shiftMs } of segments) {
    const requests = new Map(
      table.columns.map((column, index) => [column.name === 'service.requests' ? column.node : '', index]),
    );
    for (const row of table.rows) {
      const timeMs = row.timeMs + shiftMs;
      const metrics: MetricPoint[] = [];
      table.columns.forEach(({ node, name, unit }, index) => {
        const value = row.values[index];
        if (value === undefined || Number.isNaN(value)) return;
        metrics.push({ name, unit, kind: 'gauge', timeMs, value, resource: { 'service.name': node }, attributes: {} });
      });
      for (const [client, server] of edges) {
        const made = row.values[requests.get(server) ?? -1] ?? 0;
        const key = `${client}>${server}`;
        const value = (calls.get(key) ?? 0) + (Number.isNaN(made) ? 0 : made);
        calls.set(key, value);
        metrics.push({
          name: 'traces_service_graph_request_total',
          unit: '{request}',
          kind: 'counter',
          timeMs,
          startMs,
          value,
          resource: {},
          attributes: { client, server },
        });
      }
      yield { atMs: timeMs, metrics, logs: [], spans: [] };
    }
  }
}
