import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Anomaly } from '../../model/index.ts';
import { decisionKey } from '../../model/index.ts';
import { countSamples, latest, overlapping, repeated } from '../support/check-data-dir.ts';
import { type KafkaQuorum, startKafkaQuorum } from '../support/kafka-quorum.ts';
import { createLedger, type Ledger } from '../support/kill-ledger.ts';
import {
  eventually,
  type KybernProcess,
  removeTemporaryDirectories,
  temporaryDirectory,
} from '../support/kybern-process.ts';
import { sharedKybern, standingOf } from '../support/shared-kybern.ts';
import { stand, standHas } from '../support/stand.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.runIf(standHas('kafka') && standHas('clickhouse'))('two processes on Kafka', () => {
  const directory = temporaryDirectory('kybern-share-');
  const environment = { STAND_RUN: directory, STAND_CLICKHOUSE_PORT: '21560' };
  let kafka: KafkaQuorum;
  const running: KybernProcess[] = [];

  beforeAll(async () => {
    kafka = await startKafkaQuorum({ directory, port: 21520, brokers: 1 });
    await stand('clickhouse', ['start'], environment);
  });
  afterAll(async () => {
    await Promise.all(running.map((each) => each.kill()));
    await stand('clickhouse', ['wipe'], environment);
    await kafka?.stop();
    removeTemporaryDirectories();
  });

  const group = (prefix: string) =>
    sharedKybern({
      brokers: kafka.brokers,
      storeUrl: 'http://127.0.0.1:21560',
      partitions: 12,
      replicationFactor: 1,
      prefix,
    });

  async function untilShared(processes: readonly KybernProcess[], each: number): Promise<void> {
    const what = async () => JSON.stringify(await Promise.all(processes.map(standingOf)));
    let seen = '';
    await eventually(
      async () => {
        seen = await what();
        return (await Promise.all(processes.map(standingOf))).every(({ partitions }) => partitions === each);
      },
      { withinMs: 60_000, what: () => `${each} partitions each, not ${seen}` },
    );
  }

  async function verdictOf(shared: ReturnType<typeof group>, ledger: Ledger) {
    const store = await shared.openStore();
    await eventually(async () => (await countSamples(store, ledger)).lost === 0, {
      withinMs: 60_000,
      everyMs: 2000,
      what: () => 'everything acknowledged to be in the store',
    }).catch(() => {});
    const samples = await countSamples(store, ledger);
    await store.close();
    const decisions = await shared.decisions();
    return {
      ...samples,
      doubledDecisions: repeated(decisions.map(decisionKey)),
      overlappingAnomalies: overlapping(latest(decisions, 'anomaly') as Anomaly[]),
      anomalies: latest(decisions, 'anomaly').length,
    };
  }

  test('kill -9 of one under flow: the other goes on with its state, nothing is lost or doubled', async () => {
    const shared = group('killed');
    const first = await shared.start(21550);
    const second = await shared.start(21552);
    running.push(first, second);
    await untilShared([first, second], 6);
    const ledger = createLedger({ startMs: Date.now(), services: 24 });
    ledger.target(first.otlpUrl, second.otlpUrl);
    const sending = ledger.run();
    await pause(25_000);
    const before = await Promise.all([first, second].map((each) => each.get<Status>('/api/v1/status')));
    const killedMs = performance.now();
    await first.kill();
    ledger.target(second.otlpUrl);
    await untilShared([second], 12);
    const takeoverMs = performance.now() - killedMs;
    await eventually(async () => (await second.get<Status>('/api/v1/status')).series >= ledger.series, {
      withinMs: 15_000,
      what: () => 'the state of all series',
    });
    const after = await second.get<Status>('/api/v1/status');
    await pause(10_000);
    ledger.stop();
    await sending;
    const verdict = await verdictOf(shared, ledger);
    console.info({ takeoverMs: Math.round(takeoverMs), acknowledged: ledger.acknowledged, before, after, ...verdict });
    expect(verdict).toMatchObject({ lost: 0, doubled: 0, foreign: 0, doubledDecisions: [], overlappingAnomalies: [] });
    expect(await second.stop()).toBe(0);
  }, 240_000);
});

interface Status {
  readonly series: number;
  readonly learning: number;
}
