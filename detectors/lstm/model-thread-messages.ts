import type { ForecastModelOptions } from './forecast-model.ts';

/** What the model's thread is started with. */
export interface ModelThreadData {
  readonly options: ForecastModelOptions;
  /** One Int32: raised by the thread when a call that the caller waits for has been done; see `done`. */
  readonly flag: SharedArrayBuffer;
}

/** Calls are done in the order in which they are sent. */
export type ModelCall =
  | { readonly call: 'step'; readonly slots: Uint32Array; readonly inputs: Float32Array }
  | { readonly call: 'ensure'; readonly slots: number }
  | { readonly call: 'reset'; readonly slot: number }
  /** Waited for: the states are written behind each other into `into`. */
  | { readonly call: 'save'; readonly slots: number; readonly into: SharedArrayBuffer }
  | { readonly call: 'saveSoon'; readonly slots: number }
  /** Waited for. */
  | { readonly call: 'load'; readonly bytes: Uint8Array }
  | { readonly call: 'close' };

export type ModelAnswer =
  | { readonly answer: 'loaded'; readonly sha256: string }
  | { readonly answer: 'failed'; readonly detail: string }
  | { readonly answer: 'stepped'; readonly predictions: Float32Array }
  | { readonly answer: 'saved'; readonly states: Uint8Array }
  | { readonly answer: 'closed' };

/** Values of the flag. */
export const done = { waiting: 0, yes: 1, no: 2 } as const;
