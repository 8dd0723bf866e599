import { eventually, type KybernProcess } from '../../test/support/kybern-process.ts';
import { post } from './doors.ts';

let probes = 0;

/**
 * Sends a sample of its own until it is acknowledged, then reads until it is there. Returns the milliseconds since
 * `sinceMs` (of performance.now): how long after the end of a fault a fresh event flows again.
 */
export async function untilFresh(kybern: KybernProcess, sinceMs: number, withinMs = 60_000): Promise<number> {
  const id = `${Date.now()}-${probes++}`;
  const deadline = sinceMs + withinMs;
  const late = () => new Error(`no fresh sample within ${withinMs} ms: ${kybern.output().slice(-3000)}`);
  const headers = { 'content-type': 'application/json' };
  // Of its own time on each attempt: fresh is what is new when it is taken.
  while ((await post(`${kybern.otlpUrl}/v1/metrics`, probeBody(id), headers, 2000)).kind !== 'acknowledged') {
    if (performance.now() > deadline) throw late();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const path = `${kybern.url}/api/v1/query?metric=chaos.probe&label.probe=${id}&from=-10m`;
  const isThere = async () => {
    const response = await fetch(path, { signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
    if (response?.status !== 200) return false;
    const { items } = (await response.json()) as { items: { points: { values: number[] } }[] };
    return items.some(({ points }) => points.values.length > 0);
  };
  await eventually(isThere, {
    withinMs: Math.max(1, deadline - performance.now()),
    what: () => late().message,
    everyMs: 50,
  });
  return performance.now() - sinceMs;
}

function probeBody(id: string): Buffer {
  const attributes = [{ key: 'probe', value: { stringValue: id } }];
  const dataPoints = [{ attributes, timeUnixNano: `${Date.now()}000000`, asDouble: 1 }];
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'chaos-probe' } }] };
  const scopeMetrics = [{ metrics: [{ name: 'chaos.probe', gauge: { dataPoints } }] }];
  return Buffer.from(JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics }] }));
}
