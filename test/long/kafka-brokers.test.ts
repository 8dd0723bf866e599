import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decisionKey } from '../../model/index.ts';
import { repeated } from '../support/check-data-dir.ts';
import { type KafkaSuite, startKafkaSuite, storedOf, untilShared } from '../support/kafka-suite.ts';
import { createLedger } from '../support/kill-ledger.ts';
import { eventually, type KybernProcess } from '../support/kybern-process.ts';
import { standHas } from '../support/stand.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.runIf(standHas('kafka') && standHas('clickhouse'))('brokers that die under the log', () => {
  let suite: KafkaSuite;
  let kybern: KybernProcess | undefined;

  beforeAll(async () => {
    suite = await startKafkaSuite({ kafkaPort: 21570, brokers: 3, clickHousePort: 21562 });
  });
  afterAll(() => suite?.stop([kybern]));

  /** The longest time that nothing was acknowledged, and the process's memory at its end, while `act` goes on. */
  async function standstillDuring(acknowledged: () => number, act: () => Promise<void>): Promise<number> {
    let over = false;
    let longest = 0;
    const watching = (async () => {
      let seen = acknowledged();
      let sinceMs = performance.now();
      while (!over) {
        await pause(100);
        if (acknowledged() !== seen) {
          seen = acknowledged();
          sinceMs = performance.now();
        }
        longest = Math.max(longest, performance.now() - sinceMs);
      }
    })();
    await act();
    over = true;
    await watching;
    return Math.round(longest);
  }

  test('kill -9 of each broker of three in turn under flow, then of all: nothing lost, memory flat', async () => {
    const { kafka } = suite;
    const shared = suite.group('brokers');
    kybern = await shared.start(21564);
    const { url } = kybern;
    const one = kybern;
    await untilShared([one], 12);
    const ledger = createLedger({ startMs: Date.now(), services: 24 });
    ledger.target(one.otlpUrl);
    const sending = ledger.run();
    await pause(8000);
    const memoryBefore = await residentMegabytes(url);
    const standstillsMs: number[] = [];
    for (const broker of ['1', '2', '3']) {
      standstillsMs.push(
        await standstillDuring(
          () => ledger.acknowledged,
          async () => {
            await kafka.command('kill', broker);
            await pause(10_000);
            await kafka.command('boot', broker);
            await pause(5000);
          },
        ),
      );
    }
    console.info({ standstillsMs });
    const refusals: (number | string | null)[][] = [];
    for (const broker of ['1', '2', '3']) await kafka.command('kill', broker);
    await pause(12_000);
    for (let ask = 0; ask < 5; ask++) {
      const response = await fetch(`${one.otlpUrl}/v1/metrics`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: oneSample(),
        signal: AbortSignal.timeout(15_000),
      });
      refusals.push([response.status, response.headers.get('retry-after')]);
    }
    const memoryWithout = await residentMegabytes(url);
    // At once: one alone has no quorum to start with.
    await Promise.all(['1', '2', '3'].map((broker) => kafka.command('boot', broker)));
    const bootedMs = performance.now();
    const acknowledgedBefore = ledger.acknowledged;
    await eventually(async () => ledger.acknowledged > acknowledgedBefore + 8, {
      withinMs: 90_000,
      what: () => `acknowledgements after all brokers are back: ${one.output().slice(-6000)}`,
    });
    const backMs = Math.round(performance.now() - bootedMs);
    await pause(10_000);
    ledger.stop();
    await sending;
    const counts = await storedOf(shared, ledger);
    const doubledDecisions = repeated((await shared.decisions()).map(decisionKey));
    console.info({
      standstillsMs,
      backMs,
      refusals: refusals.map(String),
      memoryBefore,
      memoryWithout,
      ticks: ledger.acknowledged,
      ...counts,
      doubledDecisions,
    });
    expect({ ...counts, doubledDecisions }).toEqual({ lost: 0, doubled: 0, foreign: 0, doubledDecisions: [] });
    for (const [status, retryAfter] of refusals) {
      expect(status).toBe(503);
      expect(Number(retryAfter)).toBeGreaterThan(0);
    }
    expect(Math.max(...standstillsMs)).toBeLessThan(15_000);
    expect(memoryWithout - memoryBefore).toBeLessThan(200);
    expect(await one.stop()).toBe(0);
  }, 420_000);
});

async function residentMegabytes(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Math.round(Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]) / 1e6);
}

function oneSample(): string {
  const dataPoints = [{ timeUnixNano: `${Date.now()}000000`, asDouble: 1 }];
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'asking' } }] };
  return JSON.stringify({
    resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [{ name: 'asked', gauge: { dataPoints } }] }] }],
  });
}
