import { parentPort, workerData } from 'node:worker_threads';
import type { ForecastModel } from './forecast-model.ts';
import { createModelHost } from './model-host.ts';
import { done, type ModelAnswer, type ModelCall, type ModelThreadData } from './model-thread-messages.ts';
import type { OpenedForm } from './precision.ts';

const { threads, precision, flag } = workerData as ModelThreadData;
const signal = new Int32Array(flag);
const port = parentPort!;
let opened: OpenedForm | undefined;
const host = createModelHost(threads, {
  precision,
  opened: (_sha256, form) => {
    opened = form;
  },
});
const models = new Map<number, ForecastModel>();

function tell(answer: ModelAnswer, transfer: ArrayBuffer[] = []): void {
  port.postMessage(answer, transfer);
}

function raise(value: number): void {
  Atomics.store(signal, 0, value);
  Atomics.notify(signal, 0);
}

async function prepare(path: string): Promise<void> {
  try {
    // Calls are done one after the other: what was opened meanwhile is this one's.
    opened = undefined;
    const sha256 = await host.prepare(path);
    tell({ answer: 'prepared', sha256, ...(opened === undefined ? {} : { form: opened }) });
  } catch (error) {
    tell({ answer: 'failed', detail: error instanceof Error ? error.message : String(error) });
  }
}

async function serve(call: ModelCall): Promise<void> {
  switch (call.call) {
    case 'prepare':
      return prepare(call.path);
    case 'open':
      models.set(call.model, host.open(call.sha256));
      return;
    case 'close':
      await host.close();
      return tell({ answer: 'closed' });
  }
  const model = models.get(call.model)!;
  switch (call.call) {
    case 'step': {
      const predictions = new Float32Array(call.slots.length);
      await model.step(call.slots, call.inputs, call.slots.length, predictions);
      return tell({ answer: 'stepped', predictions }, [predictions.buffer]);
    }
    case 'use':
      return model.use(call.sha256);
    case 'ensure':
      return model.ensure(call.slots);
    case 'reset':
      return model.reset(call.slot);
    case 'save':
      new Uint8Array(call.into).set(model.save(call.slots));
      return raise(done.yes);
    case 'saveSoon': {
      const states = await model.saveSoon(call.from, call.to);
      return tell({ answer: 'saved', states }, [states.buffer as ArrayBuffer]);
    }
    case 'load': {
      const isOurs = model.load(call.bytes);
      // In a thread with so little of its own nobody else would collect what was read, 77 MB with 100,000 series.
      setImmediate(() => globalThis.gc?.());
      return raise(isOurs ? done.yes : done.no);
    }
    case 'leave':
      models.delete(call.model);
      return model.close();
  }
}

let last: Promise<void> = Promise.resolve();
port.on('message', (call: ModelCall) => {
  // A failure ends the thread, which the other side is told of.
  last = last.then(() => serve(call));
});
