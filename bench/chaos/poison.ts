import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { consumeAll, headersOf, startKafka } from '../../test/support/kafka-broker.ts';
import { startKafkaSource } from '../../test/support/kafka-source.ts';
import {
  eventually,
  removeTemporaryDirectories,
  startKybern,
  temporaryDirectory,
} from '../../test/support/kybern-process.ts';
import { atMost, type Bench, type BenchOptions, type BenchResult, exactly } from '../bench.ts';
import { median } from '../measure-rate.ts';
import { kafkaDoor } from './kafka-door.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { openForReading } from './read-back.ts';
import { quantile, reportOf } from './report.ts';
import { untilFresh } from './until-fresh.ts';
import { readVerdict } from './verdict.ts';

export const poisonBench: Bench = {
  name: 'poison',
  title: 'a Kafka source with 1 % of records that nobody can read: dead letters, and what the others feel of it',
  run: measurePoison,
};

const port = 22_058;
const series = 20;
const tickMs = 50;
/** Poison comes in every other window. Short ones and many: a stall of the machine spoils one, and not the median. */
const ticksOfWindow = 20;
const formats = { format: 'json_metrics' };
const topics = ['healthy', 'poisoned'];

async function measurePoison({ quick, say }: BenchOptions): Promise<BenchResult> {
  const windows = quick ? 24 : 90;
  const kafka = await startKafka({ directory: join(temporaryDirectory('kybern-chaos-'), 'run'), port: 22_020 });
  const settings = (group: string) => ({
    brokers: [kafka.broker],
    groupId: group,
    topics: topics.map((topic) => ({ topic, ...formats })),
    deadLetterTopic: `${group}-dead`,
  });
  try {
    for (const topic of topics) await kafka.createTopic(topic, 4);
    const producer = kafka.client.producer();
    await producer.connect();
    const startMs = Date.now();
    const sentMs = new Map<number, number>();
    const isPoisoned = (tick: number) => Math.floor(tick / ticksOfWindow) % 2 === 1;
    const [healthy, poisoned] = [
      kafkaDoor({
        producer,
        topic: 'healthy',
        metric: 'chaos.healthy',
        series,
        sending: (tick) => void (sentMs.has(tick) || sentMs.set(tick, Date.now())),
      }),
      kafkaDoor({
        producer,
        topic: 'poisoned',
        metric: 'chaos.poisoned',
        series,
        // One beside a hundred samples.
        poisonOf: (tick) => (isPoisoned(tick) && tick % 5 === 0 ? 1 : 0),
      }),
    ].map((door) => createLedger({ door, startMs, tickMs })) as [Ledger, Ledger];
    const ledgers = [healthy, poisoned];

    const beside = startKafkaSource(settings('beside'));
    await eventually(async () => beside.standing().detail === '8 partitions', {
      withinMs: 60_000,
      what: () => beside.standing().detail,
    });
    say(`${windows} windows of ${(ticksOfWindow * tickMs) / 1000} s`);
    const sending = ledgers.map((ledger) => ledger.run());
    await pause(windows * ticksOfWindow * tickMs);
    for (const ledger of ledgers) ledger.stop();
    await Promise.all(sending);
    await producer.disconnect();
    const p99 = await delaysByWindow(beside, healthy, sentMs);
    await beside.stop();

    const poison = (await consumeAll(kafka.broker, 'poisoned')).filter(({ payload }) => payload?.startsWith('poison'));
    const total = (await kafka.count('healthy')) + (await kafka.count('poisoned'));
    say(`the whole of Kybern reads all ${total} records, ${poison.length} of them poison`);
    const dataDir = temporaryDirectory('kybern-chaos-');
    const config = { ingest: { kafka: [settings('whole')] } };
    const kybern = await startKybern({ dataDir, port, otlpPort: port + 1, config, readyWithinMs: 60_000 });
    const committed = async () =>
      (await kafka.committed('whole', 'healthy')) + (await kafka.committed('whole', 'poisoned'));
    await eventually(async () => (await committed()) === total, { withinMs: 120_000, what: () => 'all committed' });
    const freshMs = await untilFresh(kybern, performance.now());
    await kybern.stop();
    const letters = (await consumeAll(kafka.broker, 'whole-dead')).filter(
      (letter) => letter.payload?.startsWith('poison') && isWhole(headersOf(letter)),
    );
    const store = await openForReading(join(dataDir, 'store'));
    const verdict = await readVerdict(store, ledgers);
    await store.close();
    return reportOf({
      verdict,
      ledgers,
      recoveriesMs: [freshMs],
      figures: {
        poison: poison.length,
        deadLettersWithTheirHeaders: letters.length,
        healthyP99MillisecondsWithout: p99.without,
        healthyP99MillisecondsBeside: p99.beside,
        windows,
      },
      bars: [
        exactly('dead letters with their headers, of the poison', letters.length, poison.length),
        atMost("healthy partitions' p99 beside poison, of that without", p99.beside / p99.without, 1.2),
      ],
    });
  } finally {
    await kafka.wipe();
    removeTemporaryDirectories();
  }
}

function isWhole(headers: Readonly<Record<string, string>>): boolean {
  return (
    headers.origin === 'chaos' &&
    headers['__connect.errors.topic'] === 'poisoned' &&
    /^\d+$/.test(headers['__connect.errors.offset'] ?? '') &&
    /^\d+$/.test(headers['__connect.errors.partition'] ?? '') &&
    headers['__connect.errors.exception.class.name'] === 'KYBERN_BODY_UNREADABLE'
  );
}

/** Milliseconds from sending a healthy sample to its being in the log: the median over windows of each window's p99. */
async function delaysByWindow(
  source: ReturnType<typeof startKafkaSource>,
  ledger: Ledger,
  sentMs: ReadonlyMap<number, number>,
): Promise<{ readonly without: number; readonly beside: number }> {
  const own = () => source.samples().filter(({ name }) => name === ledger.door.metric);
  await eventually(async () => own().length >= ledger.issuedTicks * series, {
    withinMs: 60_000,
    what: () => `all healthy samples, of which there are ${own().length}`,
  });
  const delays = new Map<number, number[]>();
  for (const { timeMs, atMs } of own()) {
    const tick = (timeMs - ledger.startMs) / tickMs;
    // Those that are sent twice on purpose have two moments.
    if (ledger.isRepeated(tick)) continue;
    const window = Math.floor(tick / ticksOfWindow);
    const found = delays.get(window) ?? [];
    delays.set(window, found);
    found.push(atMs - (sentMs.get(tick) ?? Number.NaN));
  }
  const p99s = (rest: number) =>
    [...delays].filter(([window]) => window % 2 === rest).map(([, found]) => quantile(found, 0.99));
  return { without: median(p99s(0)), beside: median(p99s(1)) };
}
