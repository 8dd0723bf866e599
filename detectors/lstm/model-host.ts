import { Tensor } from 'onnxruntime-node';
import { KybernError } from '../../model/index.ts';
import { type ForecastModel, forecastWindow } from './forecast-model.ts';
import { stateFloats } from './network.ts';
import {
  type CreateTensor,
  createNetworkRows,
  gatheredRows,
  type NetworkRows,
  type NetworkRun,
} from './network-rows.ts';
import { type OpenedSession, openVerifiedSession } from './open-session.ts';
import { type OpenedForm, type Precision, statesOf } from './precision.ts';
import { runInto } from './run-into.ts';
import { createSlotOrder, isAscending } from './slot-order.ts';
import { createStateArena, type StateArena } from './state-arena.ts';
import { decodeStates, encodeStates, savedBytes } from './state-codec.ts';

/** Where networks are run: each file is opened once, however many models are served from it. */
export interface ModelHost {
  /** Opens a file and answers its SHA-256; steps go on meanwhile. Rejects with KYBERN_MODEL. */
  prepare(path: string): Promise<string>;
  /** A model with states of its own, on a network that was prepared. */
  open(sha256: string): ForecastModel;
  /** Frees all networks; no model is of use afterwards. */
  close(): Promise<void>;
}

/** How a host opens networks. */
export interface HostOptions {
  /** float32 where not given: see {@link Precision}. */
  readonly precision?: Precision | undefined;
  /** Told of each network that is opened and was not open. */
  readonly opened?: (sha256: string, form: OpenedForm) => void;
}

/** Networks in the caller's thread. A network that the last model leaves is freed; one that none ever used stays. */
export function createModelHost(threads: number, { precision = 'float32', opened }: HostOptions = {}): ModelHost {
  const sessions = new Map<string, OpenedSession>();
  const users = new Map<string, number>();
  const leaving = new Set<Promise<void>>();

  function enter(sha256: string): OpenedSession {
    const opened = sessions.get(sha256);
    if (opened === undefined) throw new KybernError('KYBERN_MODEL', `no network ${sha256} is prepared`);
    users.set(sha256, (users.get(sha256) ?? 0) + 1);
    return opened;
  }

  /** `idle` resolves when the model that leaves has nothing under way on the network. */
  function leave(sha256: string, idle: Promise<void>): Promise<void> {
    const left = users.get(sha256)! - 1;
    users.set(sha256, left);
    const opened = sessions.get(sha256);
    if (left > 0 || opened === undefined) return idle;
    sessions.delete(sha256);
    const released = idle.then(() => opened.session.release());
    leaving.add(released);
    return released.finally(() => leaving.delete(released));
  }

  function open(first: string): ForecastModel {
    let sha256 = first;
    let served = enter(sha256);
    const run: NetworkRun = (inputs, outputs) => runInto(served.session, inputs, outputs);
    let { arena, networkRows } = createRoom(served.form.precision, run);
    let room = 0;
    const order = createSlotOrder();
    let running: Promise<void> = Promise.resolve();
    let isOpen = true;

    async function stepAll(
      slots: Uint32Array,
      inputs: Float32Array,
      count: number,
      predictions: Float32Array,
    ): Promise<void> {
      const inOrder = isAscending(slots, count);
      const rows = inOrder ? { slots, inputs, predictions } : order.arrange(slots, inputs, count);
      for (let offset = 0; offset < count; ) {
        offset += await networkRows.run(rows.slots, rows.inputs, rows.predictions, offset, count);
      }
      if (!inOrder) order.giveBack(predictions);
    }

    return {
      window: forecastWindow,
      get sha256() {
        return sha256;
      },
      step(slots, inputs, count, predictions) {
        const mine = running.then(() => stepAll(slots, inputs, count, predictions));
        running = mine.catch(() => {});
        return mine;
      },
      use(next) {
        if (next === sha256) return;
        const entered = enter(next);
        void leave(sha256, running);
        const isAlike = entered.form.precision === served.form.precision;
        served = entered;
        sha256 = next;
        if (isAlike) return arena.clear();
        ({ arena, networkRows } = createRoom(served.form.precision, run));
        arena.ensure(room);
      },
      ensure(slots) {
        room = Math.max(room, slots);
        arena.ensure(slots);
      },
      reset: (slot) => arena.reset(slot),
      save: (slots) => encodeStates(sha256, arena.save(0, slots)),
      savedBytes: (slots) => savedBytes(slots, stateFloats),
      saveSoon: (from, to) =>
        running.then(() => {
          const states = arena.save(from, to - from);
          return from === 0 ? encodeStates(sha256, states) : new Uint8Array(states.buffer);
        }),
      load(bytes) {
        const states = decodeStates(sha256, bytes, stateFloats);
        if (states === undefined) return false;
        room = Math.max(room, states.length / stateFloats);
        arena.load(states);
        return true;
      },
      async close() {
        if (!isOpen) return;
        isOpen = false;
        await leave(sha256, running);
      },
    };
  }

  return {
    async prepare(path) {
      const { session, sha256, form } = await openVerifiedSession({ path, threads, precision });
      if (sessions.has(sha256)) await session.release();
      else {
        sessions.set(sha256, { session, form });
        opened?.(sha256, form);
      }
      return sha256;
    },
    open,
    async close() {
      await Promise.all(leaving);
      for (const { session } of sessions.values()) await session.release();
      sessions.clear();
    },
  };
}

/** Where a model's states are, and how series are run through a network of that precision. */
function createRoom(
  precision: Precision,
  run: NetworkRun,
): { readonly arena: StateArena; readonly networkRows: NetworkRows } {
  const arena = createStateArena(statesOf(precision), gatheredRows);
  const createTensor: CreateTensor = (data, shape) =>
    data instanceof Uint8Array ? new Tensor('uint8', data, shape) : new Tensor('float32', data, shape);
  return { arena, networkRows: createNetworkRows(run, arena, createTensor, precision) };
}
