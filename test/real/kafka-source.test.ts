import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { consumeAll, headersOf, kcat, produceLines, startKafka } from '../support/kafka-broker.ts';
import { startKafkaSource } from '../support/kafka-source.ts';
import { eventually, removeTemporaryDirectories, runKybern, temporaryDirectory } from '../support/kybern-process.ts';
import { standHas } from '../support/stand.ts';

const metric = (value: number, name = 'orders') =>
  JSON.stringify({ name, value, timestamp: 1_764_000_000_000 + value });
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

describe.runIf(standHas('kafka') && kcat !== undefined)('a Kafka source on a real broker', () => {
  let kafka: Awaited<ReturnType<typeof startKafka>>;
  let source: ReturnType<typeof startKafkaSource> | undefined;

  beforeAll(async () => {
    kafka = await startKafka({ directory: join(temporaryDirectory('kybern-kafka-'), 'run'), port: 21_410 });
  });
  afterEach(async () => {
    await source?.stop();
    source = undefined;
  });
  afterAll(async () => {
    await kafka?.wipe();
    removeTemporaryDirectories();
  });

  function read(topic: string, settings: Readonly<Record<string, unknown>> = {}) {
    source = startKafkaSource({
      brokers: [kafka.broker],
      groupId: `group-${topic}`,
      topics: [{ topic }],
      deadLetterTopic: `${topic}-dead`,
      ...settings,
    });
    return source;
  }

  const until = (what: string, ask: () => boolean | Promise<boolean>, withinMs = 30_000) =>
    eventually(async () => await ask(), {
      withinMs,
      what: () =>
        `${what} (${source?.standing().detail}): ${source?.samples().length} samples\n${source?.told.join('\n')}`,
    });

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'reads batches that librdkafka compressed with %s',
    async (codec) => {
      const topic = `codec-${codec}`;
      await kafka.createTopic(topic, 2);
      await produceLines(
        kafka.broker,
        topic,
        numbers(2000).map((value) => metric(value)),
        '-z',
        codec,
      );
      const { samples } = read(topic);
      await until('all samples', () => samples().length >= 2000);
      expect(
        samples()
          .map(({ value }) => value)
          .sort((a, b) => a - b),
      ).toEqual(numbers(2000));
      await until('all committed', async () => (await kafka.committed(`group-${topic}`, topic)) === 2000);
    },
  );

  test('1 % of poison: all of it is dead-lettered, and the other topic is as fast as without', async () => {
    const topic = 'poisoned';
    await kafka.createTopic(topic, 4);
    await kafka.createTopic('healthy', 4);
    const topics = [topic, 'healthy'].map((name) => ({ topic: name, format: 'json_metrics' }));
    const running = read(topic, { topics });
    await until('to be assigned', () => running.standing().detail === '8 partitions');
    const producer = kafka.client.producer();
    await producer.connect();

    // 40 records every 20 ms into each topic; of every other stretch of them 1 % into one topic are poison.
    let poisons = 0;
    let sent = 0;
    const perTurn = 40;
    const stretch = async (name: string, poison: boolean) => {
      for (let turn = 0; turn < 250; turn++) {
        const from = turn * perTurn;
        const bad = (index: number) => poison && (from + index) % 100 === 7;
        const healthy = numbers(perTurn).map((index) => ({ value: JSON.stringify({ name, value: from + index }) }));
        const other = numbers(perTurn).map((index) => ({
          value: bad(index) ? `poison ${name} ${from + index}` : JSON.stringify({ name: 'other', value: from + index }),
          headers: { origin: 'test' },
        }));
        poisons += numbers(perTurn).filter(bad).length;
        sent += perTurn;
        await producer.sendBatch({
          acks: -1,
          topicMessages: [
            { topic: 'healthy', messages: healthy },
            { topic, messages: other },
          ],
        });
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const ofName = (name: string) => running.samples().filter((sample) => sample.name.startsWith(name));
    const rounds = numbers(4);
    for (const round of rounds) {
      await stretch(`healthy.clean.${round}`, false);
      await stretch(`healthy.beside.${round}`, true);
    }
    await producer.disconnect();
    await until('the healthy topic', () => ofName('healthy.').length === sent);
    await until('the poisoned topic', () => ofName('other').length === sent - poisons);

    // A record without a timestamp of its own has that of its producer.
    const p99 = (name: string) => {
      const delays = ofName(name).map(({ atMs, timeMs }) => atMs - timeMs);
      return delays.sort((a, b) => a - b)[Math.floor(delays.length * 0.99)];
    };
    const ratios = rounds.map((round) => p99(`healthy.beside.${round}`) / p99(`healthy.clean.${round}`));
    process.stdout.write(`p99 of the healthy topic with 1 % of poison beside it: ${ratios.map((ratio) => ratio.toFixed(2))}
`);

    await until('all dead letters', async () => (await kafka.count(`${topic}-dead`)) === poisons);
    const letters = await consumeAll(kafka.broker, `${topic}-dead`);
    expect(new Set(letters.map(({ payload }) => payload?.slice(0, 7)))).toEqual(new Set(['poison ']));
    for (const letter of letters) {
      expect(headersOf(letter)).toMatchObject({
        origin: 'test',
        '__connect.errors.topic': topic,
        '__connect.errors.partition': expect.stringMatching(/^[0-3]$/),
        '__connect.errors.offset': expect.stringMatching(/^\d+$/),
        '__connect.errors.exception.class.name': 'KYBERN_BODY_UNREADABLE',
        '__connect.errors.exception.message': 'line 1 is not JSON',
      });
    }
    await until('all committed', async () => (await kafka.committed(`group-${topic}`, topic)) === sent);
    expect(running.metrics.total('kybern_kafka_dead_letters_total')).toBe(poisons);
    // Poison that slows its neighbours does so in every round; another program on this machine does not. The bar over all
    // samples is `npm run bench -- chaos poison`.
    expect(Math.min(...ratios)).toBeLessThanOrEqual(1.2);
  });

  test('a format that was configured wrong: the command lists the dead letters and brings them back', async () => {
    const topic = 'mended';
    await kafka.createTopic(topic, 2);
    await produceLines(
      kafka.broker,
      topic,
      numbers(30).map((value) => metric(value)),
      '-H',
      'origin=test',
    );
    read(topic, { topics: [{ topic, format: 'otlp_json', signal: 'metrics' }] });
    await until('all dead letters', async () => (await kafka.count(`${topic}-dead`).catch(() => 0)) === 30);
    await source?.stop();

    const mended = read(topic);
    const settings = { brokers: [kafka.broker], groupId: `group-${topic}`, deadLetterTopic: `${topic}-dead` };
    const file = join(temporaryDirectory(), 'kybern.yaml');
    writeFileSync(file, stringify({ ingest: { kafka: [{ ...settings, topics: [{ topic }] }] } }));
    const command = (...args: string[]) => runKybern('dead-letters', ...args, '--config', file);
    expect(await command('list')).toMatch(/mended\/0 .*KYBERN_BODY_UNREADABLE[\s\S]*\n30 dead letters\n$/);
    expect(await command('replay')).toBe('replayed 30, left 0, cannot be replayed 0\n');
    await until('all samples', () => mended.samples().length === 30);
    expect(
      mended
        .samples()
        .map(({ value }) => value)
        .sort((a, b) => a - b),
    ).toEqual(numbers(30));
    expect(await command('list')).toMatch(/\n0 dead letters\n$/);
    const records = await consumeAll(kafka.broker, topic);
    expect(records.map(headersOf)).toEqual(Array(60).fill({ origin: 'test' }));
  });

  test('dead letters that cannot be written: their partition waits, the others flow, nothing is lost', async () => {
    const topic = 'blocked';
    await kafka.createTopic(topic, 2);
    // Too small for any record: the broker refuses to take a letter.
    await kafka.createTopic(`${topic}-dead`, 1, { 'max.message.bytes': '20' });
    const running = read(topic);
    await produceLines(kafka.broker, topic, ['poison', metric(1)], '-p', '0');
    await produceLines(
      kafka.broker,
      topic,
      numbers(50).map((value) => metric(100 + value)),
      '-p',
      '1',
    );
    await until('the other partition', () => running.samples().length >= 51);
    await until('the alarm', () => !running.standing().ready);
    expect(running.standing().detail).toBe(`paused: ${topic}/0: dead-letter`);
    await produceLines(kafka.broker, topic, [metric(200)], '-p', '1');
    await until('the other partition, still', () => running.samples().some(({ value }) => value === 200));
    // Only partition 1: the poison of partition 0 is not passed.
    await until('partition 1', async () => (await kafka.committed(`group-${topic}`, topic)) === 51);

    await kafka.configure(`${topic}-dead`, 'max.message.bytes', '1000000');
    await until('the letter', async () => (await kafka.count(`${topic}-dead`)) === 1, 60_000);
    await until('all committed', async () => (await kafka.committed(`group-${topic}`, topic)) === 53);
    expect(running.standing().ready).toBe(true);
    const values = running.samples().map(({ value }) => value);
    expect(values.sort((a, b) => a - b)).toEqual([1, ...numbers(50).map((value) => 100 + value), 200]);
  });

  test('a log that is away: the partitions wait, nothing is dead-lettered or doubled', async () => {
    const topic = 'backpressure';
    await kafka.createTopic(topic, 2);
    const running = read(topic);
    running.log.away = true;
    await produceLines(
      kafka.broker,
      topic,
      numbers(100).map((value) => metric(value)),
    );
    await until('the alarm', () => !running.standing().ready && running.standing().detail.includes('log'));
    expect(await kafka.committed(`group-${topic}`, topic)).toBe(0);
    running.log.away = false;
    await until('all samples', () => running.samples().length >= 100);
    await until('all committed', async () => (await kafka.committed(`group-${topic}`, topic)) === 100);
    expect(running.samples()).toHaveLength(100);
    expect(running.metrics.total('kybern_kafka_dead_letters_total')).toBe(0);
  });

  test('transactions: what was aborted is not read, and their marks are no lag', async () => {
    const topic = 'transactions';
    await kafka.createTopic(topic, 1);
    const running = read(topic);
    const producer = kafka.client
      .kafka()
      .producer({ transactionalId: 'test', idempotent: true, maxInFlightRequests: 1, retry: { retries: 8 } });
    await producer.connect();
    for (const [value, outcome] of [
      [1, 'commit'],
      [2, 'abort'],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value: metric(value) }] });
      await transaction[outcome]();
    }
    await producer.disconnect();
    // Two records and two marks.
    await until('all committed', async () => (await kafka.committed(`group-${topic}`, topic)) === 4);
    expect(running.samples().map(({ value }) => value)).toEqual([1]);
  });

  test('a broker that is killed three times under load: all that it acknowledged is taken, once', async () => {
    const topic = 'killed';
    await kafka.createTopic(topic, 4);
    const running = read(topic);
    let stop = false;
    let acknowledged = 0;
    const sending = (async () => {
      let producer = kafka.client.producer();
      while (!stop) {
        const messages = numbers(20).map((index) => ({ value: metric(acknowledged + index) }));
        try {
          await producer.connect();
          await producer.send({ topic, acks: -1, messages });
          acknowledged += messages.length;
          await new Promise((resolve) => setTimeout(resolve, 20));
        } catch {
          // Whether it was taken is not known: it is sent again, as every at-least-once sender does.
          await producer.disconnect().catch(() => {});
          producer = kafka.client.producer();
        }
      }
      await producer.disconnect();
    })();
    const recoveries: number[] = [];
    for (let round = 0; round < 3; round++) {
      await new Promise((resolve) => setTimeout(resolve, 2000));
      await kafka.kill();
      await new Promise((resolve) => setTimeout(resolve, 3000));
      await kafka.boot();
      const upMs = Date.now();
      const before = running.samples().length;
      await until('flow again', () => running.samples().length > before, 60_000);
      recoveries.push(Date.now() - upMs);
    }
    stop = true;
    await sending;
    const there = await kafka.count(topic);
    await until(`all of ${there}`, () => running.samples().length >= there, 60_000);
    process.stdout.write(
      `${acknowledged} acknowledged, ${there} in Kafka; flow again ${recoveries.join(', ')} ms after the broker\n`,
    );
    const values = running.samples().map(({ value }) => value);
    expect(new Set(values)).toEqual(new Set(numbers(acknowledged)));
    expect(values).toHaveLength(there);
    expect(Math.max(...recoveries)).toBeLessThanOrEqual(15_000);
    await until('all committed', async () => (await kafka.committed(`group-${topic}`, topic)) === there);
  });
});
