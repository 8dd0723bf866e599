import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noMetrics, type Store } from '../../model/index.ts';
import { openStore, type StoreConfig } from '../../store/index.ts';
import { decisionContract } from '../../store/testing/decision-contract.ts';
import { signalContract } from '../../store/testing/signal-contract.ts';
import { block, definition, type SampleRow, sampleBatch } from '../../store/testing/signals.ts';
import { type ClickHouse, clickHouseServer, serverConfig, startClickHouse } from '../support/clickhouse.ts';
import { temporaryDirectory } from '../support/kybern-process.ts';
import { standHas } from '../support/stand.ts';

describe.runIf(standHas(clickHouseServer))('a ClickHouse behind HTTP', () => {
  let clickHouse: ClickHouse;
  let number = 0;

  beforeAll(async () => {
    clickHouse = await startClickHouse();
  });
  afterAll(() => clickHouse.stop());

  const openWith = (changes: Partial<StoreConfig>): Promise<Store> =>
    openStore({
      config: serverConfig({ url: clickHouse.url, database: `test_${number++}`, ...changes }),
      directory: temporaryDirectory('kybern-store-'),
      metrics: noMetrics,
    });
  const open = () => openWith({});

  signalContract('server', open, 2);
  decisionContract('server', open);

  test.each(['error', 'reset', 'lost', 'cut', 'hang'])(
    'an insert that ends in "%s" is an error; sent again under its token it is there once',
    async (mode) => {
      const store = await open();
      const rows = Array.from({ length: 1000 }, (_, i): SampleRow => [0, i, i]);
      const written = block({ definitions: [definition(0, 'heap')], samples: [sampleBatch(...rows)] });
      const fault = { mode, match: 'INSERT INTO \\S+samples', count: 1 };
      await clickHouse.fault(fault);
      await expect(store.writeSignals(written, 'a')).rejects.toMatchObject({ code: 'KYBERN_STORE' });
      await store.writeSignals(written, 'a');
      await store.writeSignals(written, 'a');
      expect((await store.counts()).samples).toBe(1000);
      await store.close();
    },
  );

  test('while it refuses connections the store says so, and serves again afterwards', async () => {
    const store = await open();
    await clickHouse.fault({ mode: 'refuse', ms: 500 });
    await expect(store.ping()).rejects.toMatchObject({ code: 'KYBERN_STORE' });
    await expect
      .poll(
        () =>
          store.ping().then(
            () => 'up',
            () => 'down',
          ),
        { timeout: 10_000, interval: 200 },
      )
      .toBe('up');
    await store.close();
  });

  test('of several replicas one that does not answer is passed over, for reading and writing', async () => {
    const store = await openWith({ url: 'http://127.0.0.1:9', urls: ['http://127.0.0.1:10', clickHouse.url] });
    await store.writeSignals(block({ definitions: [definition(0, 'heap')], samples: [sampleBatch([0, 1, 1])] }), 'a');
    expect((await store.counts()).samples).toBe(1);
    await store.close();
  });

  test('a question beyond its bounds is refused with a code that says so', async () => {
    const store = await openWith({ queryRowsToRead: 1000 });
    const rows = Array.from({ length: 20_000 }, (_, i): SampleRow => [0, i, i]);
    await store.writeSignals(block({ definitions: [definition(0, 'heap')], samples: [sampleBatch(...rows)] }), 'a');
    await expect(store.points({ metric: 'heap' }, 0, 1e6, 100, 1)).rejects.toMatchObject({
      code: 'KYBERN_QUERY_LIMIT',
    });
    await store.close();
  });

  test('a row that it refuses for what is in it is found, set aside and counted; all others are there', async () => {
    const directory = temporaryDirectory('kybern-store-');
    const config = serverConfig({ url: clickHouse.url, database: `test_${number++}` });
    const store = await openStore({ config, directory, metrics: noMetrics });
    const rows = Array.from({ length: 1000 }, (_, i): SampleRow => [0, i, i]);
    const written = block({ definitions: [definition(0, 'heap')], samples: [sampleBatch(...rows)] });
    // The whole, then the first half of it, and so on down to the first row: 1000, 500, ... 7, 3, 1.
    const poison = { mode: 'error', code: 117, name: 'INCORRECT_DATA', match: 'INSERT INTO \\S+samples', count: 10 };
    await clickHouse.fault(poison);
    await store.writeSignals(written, 'a');
    expect((await store.counts()).samples).toBe(999);
    const kept = readFileSync(join(directory, 'rejected.jsonl'), 'utf8').trimEnd().split('\n');
    expect(kept.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ table: 'samples', token: 'a', row: 0 }]);
    await store.close();
  });

  test('its hours are rolled up there as they are in the embedded one', async () => {
    const store = await open();
    const rows = Array.from({ length: 7200 }, (_, i): SampleRow => [0, i * 1000, i]);
    await store.writeSignals(block({ definitions: [definition(0, 'heap')], samples: [sampleBatch(...rows)] }), 'a');
    const before = await store.points({ metric: 'heap' }, 0, 7_199_999, 4, 1);
    await store.upkeep?.();
    expect(await store.points({ metric: 'heap' }, 0, 7_199_999, 4, 1)).toEqual(before);
    await store.close();
  });

  test('a server that was not there at the start is used once it is', async () => {
    await clickHouse.fault({ mode: 'refuse', ms: 1500 });
    const store = await open();
    await expect(store.ping()).rejects.toMatchObject({ code: 'KYBERN_STORE' });
    await expect.poll(() => store.counts().catch(() => undefined), { timeout: 15_000, interval: 200 }).toBeDefined();
    await store.close();
  });

  test('over TLS with a certificate authority of its own, and own certificate', async () => {
    const directory = temporaryDirectory('kybern-tls-');
    const file = (name: string) => join(directory, name);
    const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe', cwd: directory });
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=ca');
    for (const name of ['server', 'client']) {
      openssl(
        'req',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
        '-subj',
        `/CN=${name}`,
      );
      writeFileSync(file(`${name}.ext`), 'subjectAltName=IP:127.0.0.1\n');
      const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', `${name}.ext`];
      openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.crt`, '-days', '2', ...signed);
    }
    const read = (name: string) => readFileSync(file(name));
    const proxy = createServer(
      {
        cert: read('server.crt'),
        key: read('server.key'),
        ca: read('ca.crt'),
        requestCert: true,
        rejectUnauthorized: true,
      },
      (socket) => {
        const behind = connect(Number(new URL(clickHouse.url).port), '127.0.0.1');
        socket.pipe(behind).pipe(socket);
        for (const end of [socket, behind]) end.on('error', () => end.destroy());
      },
    );
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const url = `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const store = await openWith({
      url,
      caFile: file('ca.crt'),
      certFile: file('client.crt'),
      keyFile: file('client.key'),
    });
    await store.ping();
    await store.close();
    const unknown = await openWith({ url, caFile: file('ca.crt') })
      .then(
        (opened) => opened.ping(),
        (error: unknown) => Promise.reject(error),
      )
      .catch((error: unknown) => error);
    expect(unknown).toMatchObject({ code: 'KYBERN_STORE' });
    proxy.close();
  });
});

describe.runIf(standHas(clickHouseServer))('a ClickHouse with a password', () => {
  test('that changes: the new one is read from its file when the old one is refused', async () => {
    const passwordFile = join(temporaryDirectory('kybern-password-'), 'password');
    writeFileSync(passwordFile, 'first\n');
    const first = await startClickHouse(['--password', 'first']);
    const second = await startClickHouse(['--password', 'second']);
    const open = (url: string) =>
      openStore({
        config: serverConfig({ url, urls: [second.url], passwordFile }),
        directory: temporaryDirectory('kybern-store-'),
        metrics: noMetrics,
      });
    const store = await open(first.url);
    await store.ping();
    // From here on the other one answers, which wants another password.
    await first.stop();
    await expect(store.ping()).rejects.toMatchObject({ code: 'KYBERN_STORE' });
    writeFileSync(passwordFile, 'second\n');
    await store.ping();
    await store.close();
    await second.stop();
  });
});
