import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { DetectorsConfig } from '../../detectors/index.ts';
import type { HostOptions } from '../../detectors/lstm/index.ts';
import { KybernError, type Metrics, noMetrics, type SeriesCatalog } from '../../model/index.ts';
import { createCaller, createServer, type Handlers } from './calls.ts';
import { definitionTexts } from './definition-text.ts';
import type { DetectorHost, HostedDetectorsDeps } from './detector-host.ts';
import { serveInterns } from './intern-channel.ts';
import { createMetricsRelay } from './relayed-metrics.ts';
import { createRemoteDetectors } from './remote-detectors.ts';
import type { DetectorThreadData, Interned, InternRequest, MainCalls, ThreadCalls } from './thread-calls.ts';

type Spill = NonNullable<HostedDetectorsDeps['spill']>;

/** What it makes by the way is by the batch and soon gone: a larger young generation would be memory for nothing. */
const threadLimits = { maxYoungGenerationSizeMb: 12 };

/**
 * Detectors in a thread of their own, with their networks, so that the doors are never kept waiting by what is scored, nor
 * this by them. The main thread stands still for it no longer than a few milliseconds (`serveInterns`).
 */
export function openDetectorThread(
  config: DetectorsConfig,
  opened?: HostOptions['opened'],
  metrics: Metrics = noMetrics,
): DetectorHost {
  const intern = serveInterns(internedBy, fail);
  const workerData: DetectorThreadData = { config, intern };
  // The same extension as this file: sources are run as they are, the package holds JavaScript.
  const thread = new Worker(new URL(`./detector-thread${extname(import.meta.url)}`, import.meta.url), {
    workerData,
    transferList: [intern.port],
    resourceLimits: threadLimits,
  });
  const catalogs = new Map<number, SeriesCatalog>();
  const spills = new Map<number, Spill>();
  let created = 0;

  const caller = createCaller<ThreadCalls>(
    (message, transfer) => thread.postMessage(message, transfer),
    // It must not keep a program alive that has nothing else to do, but for an answer that is waited for.
    (isWaiting) => (isWaiting ? thread.ref() : thread.unref()),
  );

  function internedBy({ detectors, identity, known }: InternRequest): Interned {
    try {
      const catalog = ofPart(catalogs, detectors);
      const id = catalog.intern(identity);
      return { id, texts: definitionTexts(catalog, known) };
    } catch (error) {
      if (!(error instanceof KybernError)) throw error;
      return { texts: [], failure: { code: error.code, message: error.message } };
    }
  }

  const heapBytes = metrics.gauge(
    'kybern_detectors_heap_bytes',
    'Heap of the thread of the detectors, and what it refers to outside, columns and states among it.',
  );
  const filesOf = (detectors: number): Spill['files'] => ofPart(spills, detectors).files;
  const handlers: Handlers<MainCalls> = {
    heap: ({ bytes }) => heapBytes.set(bytes),
    opened: ({ sha256, form }) => opened?.(sha256, form),
    async spillAppend({ detectors, records }) {
      const files = filesOf(detectors);
      return { places: await files.append(records), newest: files.newest };
    },
    spillRead: ({ detectors, places }) => filesOf(detectors).read(places),
    spillSync: ({ detectors }) => filesOf(detectors).sync(),
    spillKeep: ({ detectors, wanted }) => filesOf(detectors).keep(wanted),
    spillFailed: ({ detectors, code, message }) => spills.get(detectors)?.failed(new KybernError(code, message)),
  };
  const serve = createServer<MainCalls>(
    (name, said) => handlers[name](said),
    (message, transfer) => thread.postMessage(message, transfer),
  );

  function fail(error: Error): void {
    caller.fail(error);
  }

  thread.on('message', (message: unknown) => {
    if (!caller.takeAnswer(message)) serve(message).catch(fail);
  });
  thread.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))));
  thread.on('exit', () => fail(new Error('the thread of the detectors has ended')));
  thread.on('messageerror', fail);
  thread.unref();

  return {
    prepare: (path) => caller.ask('prepare', { path }),
    hold: (modelClass, sha256) => caller.tell('hold', { modelClass, sha256 }),
    create({ catalog, metrics, slos, networks, spill, isOneOfMany = false }) {
      const detectors = created;
      created += 1;
      catalogs.set(detectors, catalog);
      if (spill !== undefined) spills.set(detectors, spill);
      caller.tell('create', {
        ...{ detectors, slos, networks, isOneOfMany },
        ...(spill === undefined ? {} : { spill: standingOf(spill) }),
      });
      return createRemoteDetectors({
        number: detectors,
        thread: caller,
        catalog,
        relay: createMetricsRelay(metrics),
        left() {
          catalogs.delete(detectors);
          spills.delete(detectors);
        },
      });
    },
    async close() {
      await caller.ask('close', {}).catch(() => {});
      // What still waits was late in ending: no defect.
      fail(new KybernError('KYBERN_UNAVAILABLE', 'the detectors have been closed'));
      await thread.terminate();
    },
  };
}

/** Throws KYBERN_FENCED where these detectors were closed. */
function ofPart<T>(parts: ReadonlyMap<number, T>, detectors: number): T {
  const part = parts.get(detectors);
  if (part === undefined) throw new KybernError('KYBERN_FENCED', `detectors ${detectors} were closed`);
  return part;
}

function standingOf({ files, mostBytes }: Spill) {
  const { newest, sparseBelow } = files;
  return { newest, sparseBelow, ...(mostBytes === undefined ? {} : { mostBytes }) };
}
