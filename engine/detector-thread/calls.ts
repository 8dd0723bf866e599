import { type ErrorCode, KybernError } from '../../model/index.ts';

/** What one side of a channel can be asked: by name, what is said and what is answered. */
export type Calls = { readonly [name: string]: readonly [said: unknown, answer: unknown] };

/** Answers of one side, by name. What is not a promise is answered before anything else is heard. */
export type Handlers<C extends Calls> = {
  readonly [K in keyof C]: (said: C[K][0]) => C[K][1] | Promise<C[K][1]>;
};

/** Puts a message on its way; the buffers listed go with it and are gone here. */
export type Post = (message: unknown, transfer: ArrayBuffer[]) => void;

export interface Caller<C extends Calls> {
  /** Rejects with what the other side threw, a KybernError as one, or where the other side is gone. */
  ask<K extends keyof C & string>(name: K, said: C[K][0], transfer?: ArrayBuffer[]): Promise<C[K][1]>;
  /** Nothing is answered: an error on the other side ends it. */
  tell<K extends keyof C & string>(name: K, said: C[K][0], transfer?: ArrayBuffer[]): void;
  /** Takes a message that is an answer; false where it is none. */
  takeAnswer(message: unknown): boolean;
  /** The other side is gone: all that is under way and all that follows rejects with this. */
  fail(error: Error): void;
}

interface Asked {
  readonly name: string;
  readonly said: unknown;
  /** Absent where no answer is wanted. */
  readonly ask?: number;
}

interface Answered {
  readonly answered: number;
  readonly answer?: unknown;
  readonly failure?: Failure;
}

interface Failure {
  readonly code?: ErrorCode;
  readonly message: string;
  readonly stack: string;
}

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/** `busy` is told when the first answer is waited for, and when none is any more. */
export function createCaller<C extends Calls>(post: Post, busy: (isWaiting: boolean) => void = () => {}): Caller<C> {
  const waiting = new Map<number, Waiting>();
  let next = 0;
  let gone: Error | undefined;

  return {
    ask(name, said, transfer = []) {
      if (gone !== undefined) return Promise.reject(gone);
      return new Promise((resolve, reject) => {
        next += 1;
        post({ name, said, ask: next } satisfies Asked, transfer);
        if (waiting.size === 0) busy(true);
        waiting.set(next, { resolve, reject });
      });
    },
    tell(name, said, transfer = []) {
      if (gone === undefined) post({ name, said } satisfies Asked, transfer);
    },
    takeAnswer(message) {
      const { answered, answer, failure } = message as Partial<Answered>;
      if (answered === undefined) return false;
      const call = waiting.get(answered);
      waiting.delete(answered);
      if (waiting.size === 0) busy(false);
      if (failure === undefined) call?.resolve(answer as never);
      else call?.reject(errorOf(failure));
      return true;
    },
    fail(error) {
      gone ??= error;
      for (const call of waiting.values()) call.reject(gone);
      waiting.clear();
    },
  };
}

/** Serves what is asked; an error where no answer is wanted is thrown, to end the side that it happened on. */
export function createServer<C extends Calls>(
  serve: <K extends keyof C & string>(name: K, said: C[K][0]) => unknown,
  post: Post,
): (message: unknown) => Promise<void> {
  return async (message) => {
    const { name, said, ask } = message as Asked;
    try {
      const answer = await serve(name, said as never);
      if (ask !== undefined) post({ answered: ask, answer } satisfies Answered, []);
    } catch (error) {
      if (ask === undefined) throw error;
      post({ answered: ask, failure: failureOf(error) } satisfies Answered, []);
    }
  };
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { message: String(error), stack: '' };
  const { message, stack = '' } = error;
  return error instanceof KybernError ? { code: error.code, message, stack } : { message, stack };
}

function errorOf({ code, message, stack }: Failure): Error {
  const error = code === undefined ? new Error(message) : new KybernError(code, message);
  error.stack = stack;
  return error;
}
