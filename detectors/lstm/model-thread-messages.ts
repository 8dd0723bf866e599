import type { OpenedForm, Precision } from './precision.ts';

/** What the thread of the networks is started with. */
export interface ModelThreadData {
  /** ONNX Runtime threads for one step. */
  readonly threads: number;
  readonly precision: Precision;
  /** One Int32: raised by the thread when a call that the caller waits for has been done; see `done`. */
  readonly flag: SharedArrayBuffer;
}

/** Calls are done in the order in which they are sent. `model` is the number that `open` gave. */
export type ModelCall =
  | { readonly call: 'prepare'; readonly path: string }
  | { readonly call: 'open'; readonly model: number; readonly sha256: string }
  | { readonly call: 'use'; readonly model: number; readonly sha256: string }
  | { readonly call: 'step'; readonly model: number; readonly slots: Uint32Array; readonly inputs: Float32Array }
  | { readonly call: 'ensure'; readonly model: number; readonly slots: number }
  | { readonly call: 'reset'; readonly model: number; readonly slot: number }
  /** Waited for: the states are written behind each other into `into`. */
  | { readonly call: 'save'; readonly model: number; readonly slots: number; readonly into: SharedArrayBuffer }
  | { readonly call: 'saveSoon'; readonly model: number; readonly from: number; readonly to: number }
  /** Waited for. */
  | { readonly call: 'load'; readonly model: number; readonly bytes: Uint8Array }
  | { readonly call: 'leave'; readonly model: number }
  | { readonly call: 'close' };

/** Answers to calls come in the order of those. */
export type ModelAnswer =
  /** `form` where the network was not open. */
  | { readonly answer: 'prepared'; readonly sha256: string; readonly form?: OpenedForm }
  | { readonly answer: 'failed'; readonly detail: string }
  | { readonly answer: 'stepped'; readonly predictions: Float32Array }
  | { readonly answer: 'saved'; readonly states: Uint8Array }
  | { readonly answer: 'closed' };

/** Values of the flag. */
export const done = { waiting: 0, yes: 1, no: 2 } as const;
