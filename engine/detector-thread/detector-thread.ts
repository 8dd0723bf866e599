import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { openModelThread } from '../../detectors/lstm/index.ts';
import { KybernError } from '../../model/index.ts';
import { systemClock } from '../clock/system-clock.ts';
import { processHeap } from '../compose/process-heap.ts';
import { type Heap, keepHeapSmall } from '../pipeline/keep-heap-small.ts';
import { createCaller, createServer, type Handlers } from './calls.ts';
import { createInternCaller } from './intern-channel.ts';
import { createLocalDetectorHost } from './local-detector-host.ts';
import { createMirroredCatalog } from './mirrored-catalog.ts';
import { createRelayedMetrics } from './relayed-metrics.ts';
import { createRemoteSpill } from './remote-spill.ts';
import { type ServedDetectors, serveDetectors } from './served-detectors.ts';
import type { DetectorThreadData, MainCalls, Numbered, ThreadCalls } from './thread-calls.ts';

const { config, intern } = workerData as DetectorThreadData;
const port = parentPort as MessagePort;
const internThere = createInternCaller(intern);
const main = createCaller<MainCalls>((message, transfer) => port.postMessage(message, transfer));
// While the network computes, what is around it is scored: at full load each takes about half of the time.
const host = createLocalDetectorHost(config, (sha256, form) => main.tell('opened', { sha256, form }), openModelThread);
const served = new Map<number, ServedDetectors>();

function createServed({ detectors, slos, networks, spill, isOneOfMany }: ThreadCalls['create'][0]): ServedDetectors {
  const relayed = createRelayedMetrics();
  const catalog = createMirroredCatalog((identity) => {
    const { id, texts, failure } = internThere({ detectors, identity, known: catalog.size });
    for (const text of texts) catalog.define(text);
    if (failure !== undefined) throw new KybernError(failure.code, failure.message);
    return id!;
  });

  const deps = { catalog, metrics: relayed.metrics, slos, networks, isOneOfMany };
  const made = host.create(spill === undefined ? deps : { ...deps, spill: createRemoteSpill(detectors, spill, main) });
  return serveDetectors(made, catalog, relayed.take);
}

const hostHandlers: Pick<Handlers<ThreadCalls>, 'prepare' | 'hold' | 'close' | 'create' | 'leave'> = {
  prepare: ({ path }) => host.prepare(path),
  hold: ({ modelClass, sha256 }) => host.hold(modelClass, sha256),
  create: (said) => void served.set(said.detectors, createServed(said)),
  async leave(said) {
    const left = served.get(said.detectors);
    served.delete(said.detectors);
    await left?.leave(said);
  },
  close: () => host.close(),
};

function servedOf(detectors: number): ServedDetectors {
  const found = served.get(detectors);
  if (found === undefined) throw new KybernError('KYBERN_FENCED', `detectors ${detectors} were closed`);
  return found;
}

const serve = createServer<ThreadCalls>(
  (name, said) => {
    const handlers = name in hostHandlers ? hostHandlers : servedOf((said as Numbered).detectors);
    return (handlers as Handlers<ThreadCalls>)[name](said);
  },
  (message, transfer) => port.postMessage(message, transfer),
);
port.on('messageerror', (error) => {
  throw error;
});
port.on('message', (message: unknown) => {
  // A failure that nobody waits for ends the thread, which the other side is told of.
  if (!main.takeAnswer(message)) void serve(message);
});
/** A pause of this thread keeps nobody waiting but what is scored. */
const worthBytes = 16 << 20;
const heap: Heap = {
  ...processHeap,
  used() {
    const bytes = processHeap.used();
    main.tell('heap', { bytes });
    return bytes;
  },
};
void keepHeapSmall(heap, systemClock, new AbortController().signal, worthBytes);
