import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { InternChannel, Interned, InternRequest } from './thread-calls.ts';

const requests = 0;
const answers = 1;
/** So long the next request is waited for: what asks for one series mostly asks for some more. A turn of this thread for each takes longer. */
const nextWithinMs = 0.3;
/** What else this thread does is kept waiting no longer. */
const mostMs = 5;

/** Answers requests in this thread. The channel is to be transferred with its port. */
export function serveInterns(
  answer: (request: InternRequest) => Interned,
  failed: (error: Error) => void,
): InternChannel {
  const { port1: here, port2: port } = new MessageChannel();
  const shared = new SharedArrayBuffer(8);
  const counts = new Int32Array(shared);

  function serve(request: InternRequest): void {
    here.postMessage(answer(request));
    Atomics.add(counts, answers, 1);
    Atomics.notify(counts, answers);
  }

  function serveAll(first: InternRequest): void {
    serve(first);
    const endMs = performance.now() + mostMs;
    for (;;) {
      const seen = Atomics.load(counts, requests);
      const next = receiveMessageOnPort(here);
      if (next !== undefined) serve(next.message as InternRequest);
      else if (Atomics.wait(counts, requests, seen, nextWithinMs) === 'timed-out') return;
      if (performance.now() > endMs) return;
    }
  }

  here.on('message', (first: InternRequest) => {
    try {
      serveAll(first);
    } catch (error) {
      failed(error as Error);
    }
  });
  here.unref();
  return { port, counts: shared };
}

/** Asks from the other thread, which stands still meanwhile: the one that answers never waits for it but for a moment. */
export function createInternCaller({ port, counts: shared }: InternChannel): (request: InternRequest) => Interned {
  const counts = new Int32Array(shared);
  return (request) => {
    const before = Atomics.load(counts, answers);
    port.postMessage(request);
    Atomics.add(counts, requests, 1);
    Atomics.notify(counts, requests);
    Atomics.wait(counts, answers, before);
    return (receiveMessageOnPort(port) as { message: Interned }).message;
  };
}
