import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { createRandom, KybernError } from '../../../model/index.ts';
import { stateFloats } from '../network.ts';
import { openSession } from '../open-session.ts';

const rows = 33;
const steps = 3;
const tolerance = 1e-4;

/**
 * Whether bytes are a network that the loop can serve: the signature, and, by running it, what the signature does not tell:
 * finite numbers, rows that do not mix, and states that can be written over those that are read, as serving does. Rejects
 * with KYBERN_MODEL.
 */
export async function tryNetwork(bytes: Uint8Array): Promise<void> {
  const session = await openSession(bytes, { path: 'the model', threads: 1 });
  try {
    await tryRows(session);
  } catch (cause) {
    if (cause instanceof KybernError) throw cause;
    throw new KybernError('KYBERN_MODEL', `the model cannot be run: ${String(cause)}`, { cause });
  } finally {
    await session.release();
  }
}

async function tryRows(session: InferenceSession): Promise<void> {
  const random = createRandom(1);
  const all = new Float32Array(rows * stateFloats);
  const inPlace = new Float32Array(rows * stateFloats);
  const alone = new Float32Array(stateFloats);
  for (let step = 0; step < steps; step += 1) {
    const inputs = Float32Array.from({ length: rows }, () => random() * 16 - 8);
    const together = await run(session, inputs, all, new Float32Array(all.length));
    const over = await run(session, inputs, inPlace, inPlace);
    const single = await run(session, inputs.slice(rows - 1), alone, new Float32Array(stateFloats));
    if (![...together.predictions, ...together.states].every(Number.isFinite)) refuse('it gives what is not a number');
    if (differ(together.states, over.states) || differ(together.predictions, over.predictions)) {
      refuse('its states cannot be written over those it reads');
    }
    const last = together.states.subarray((rows - 1) * stateFloats);
    if (differ(single.states, last) || differ(single.predictions, together.predictions.subarray(rows - 1))) {
      refuse('a row depends on the others of its batch');
    }
    all.set(together.states);
    alone.set(single.states);
  }
}

interface Ran {
  readonly predictions: Float32Array;
  readonly states: Float32Array;
}

async function run(
  session: InferenceSession,
  inputs: Float32Array,
  before: Float32Array,
  after: Float32Array,
): Promise<Ran> {
  const count = inputs.length;
  const predictions = new Float32Array(count);
  await session.run(
    { x: new Tensor('float32', inputs, [count, 1]), state: new Tensor('float32', before, [count, stateFloats]) },
    {
      prediction: new Tensor('float32', predictions, [count, 1]),
      state_next: new Tensor('float32', after, [count, stateFloats]),
    },
  );
  return { predictions, states: after };
}

function differ(first: Float32Array, second: Float32Array): boolean {
  return first.some((value, at) => !(Math.abs(value - second[at]!) <= tolerance));
}

function refuse(reason: string): never {
  throw new KybernError('KYBERN_MODEL', `the model cannot be served: ${reason}`);
}
