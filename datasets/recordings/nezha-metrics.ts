import { basename, join } from 'node:path';
import { cell, readCsv, utcMs } from '../series/csv.ts';
import { listFiles } from '../series/list-files.ts';
import type { Attributes, MetricPoint } from '../telemetry-frame.ts';

interface Mapping {
  readonly name: string;
  readonly unit: string;
  readonly factor: number;
  /** Zero means that nothing was measured: no requests, no latency. */
  readonly zeroIsNone?: boolean;
}

const map = (name: string, unit: string, factor = 1): Mapping => ({ name, unit, factor });
const latency = (name: string): Mapping => ({ name, unit: 's', factor: 1, zeroIsNone: true });

/** Columns by OpenTelemetry's names where it has one. PodSuccessRate is left out: it is 0 everywhere, never measured. */
const podColumns: Readonly<Record<string, Mapping>> = {
  'CpuUsage(m)': map('k8s.pod.cpu.usage', '{cpu}', 0.001),
  'CpuUsageRate(%)': map('k8s.pod.cpu_limit_utilization', '1', 0.01),
  'MemoryUsage(Mi)': map('k8s.pod.memory.working_set', 'By', 1_048_576),
  'MemoryUsageRate(%)': map('k8s.pod.memory_limit_utilization', '1', 0.01),
  SyscallRead: map('k8s.pod.disk.io.read', '{call}'),
  SyscallWrite: map('k8s.pod.disk.io.write', '{call}'),
  NetworkReceiveBytes: map('k8s.pod.network.io.receive', 'By/s'),
  NetworkTransmitBytes: map('k8s.pod.network.io.transmit', 'By/s'),
  'PodClientLatencyP90(s)': latency('http.client.latency.p90'),
  'PodServerLatencyP90(s)': latency('http.server.latency.p90'),
  'PodClientLatencyP95(s)': latency('http.client.latency.p95'),
  'PodServerLatencyP95(s)': latency('http.server.latency.p95'),
  'PodClientLatencyP99(s)': latency('http.client.latency.p99'),
  'PodServerLatencyP99(s)': latency('http.server.latency.p99'),
  'PodWorkload(Ops)': map('http.server.request.rate', '1/s'),
};

const frontColumns: Readonly<Record<string, Mapping>> = {
  'LatencyP50(s)': latency('service.latency.p50'),
  'LatencyP90(s)': latency('service.latency.p90'),
  'LatencyP95(s)': latency('service.latency.p95'),
  'LatencyP99(s)': latency('service.latency.p99'),
};

/**
 * All metrics of a day, in time order: one sample a minute and pod. Times are those of the `Time` column (UTC): some
 * files' `TimeStamp` is years off.
 */
export async function readNezhaMetrics(
  folder: string,
  resourceOf: (pod: string) => Attributes,
): Promise<MetricPoint[]> {
  const points: MetricPoint[] = [];
  for (const file of await listFiles(folder, '.csv')) {
    const front = basename(file) === 'front_service.csv';
    if (!front && !file.endsWith('_metric.csv')) continue;
    const [head = [], ...rows] = await readCsv(join(folder, file));
    const columns = head.map((name) => (front ? frontColumns : podColumns)[name]);
    for (const row of rows) {
      const timeMs = utcMs(row[0].slice(0, 23));
      if (Number.isNaN(timeMs)) continue;
      const resource = front ? { 'service.name': row[2].toLowerCase() } : resourceOf(row[2]);
      columns.forEach((column, index) => {
        const value = column === undefined ? Number.NaN : cell(row[index]);
        if (column === undefined || Number.isNaN(value) || (column.zeroIsNone === true && value === 0)) return;
        const { name, unit, factor } = column;
        points.push({ name, unit, kind: 'gauge', timeMs, value: value * factor, resource, attributes: {} });
      });
    }
  }
  return points.sort((a, b) => a.timeMs - b.timeMs);
}
