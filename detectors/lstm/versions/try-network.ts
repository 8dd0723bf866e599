import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { createRandom, KybernError } from '../../../model/index.ts';
import { nextOf, stateParts } from '../network.ts';
import { tilesOf } from '../onnx/tile-network.ts';
import { openTiledSession } from '../open-session.ts';

const rows = 33;
const steps = 3;
const tolerance = 1e-4;

/**
 * Whether bytes are a network that the loop can serve: the signature, and, by running it, what the signature does not tell:
 * finite numbers, rows that do not mix, and states that can be written over those that are read, as serving does. Rejects
 * with KYBERN_MODEL.
 */
export async function tryNetwork(bytes: Uint8Array): Promise<void> {
  const { session } = await openTiledSession(bytes, { path: 'the model', threads: 1 });
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
  let all = zeroStates(rows);
  const inPlace = zeroStates(rows);
  let alone = zeroStates(1);
  for (let step = 0; step < steps; step += 1) {
    const inputs = Float32Array.from({ length: rows }, () => random() * 16 - 8);
    const together = await run(session, inputs, all, zeroStates(rows));
    const over = await run(session, inputs, inPlace, inPlace);
    const single = await run(session, inputs.slice(rows - 1), alone, zeroStates(1));
    if (!together.every((tensor) => tensor.every(Number.isFinite))) refuse('it gives what is not a number');
    if (differ(together, over)) refuse('its states cannot be written over those it reads');
    const last = together.map((tensor) => tensor.subarray(tensor.length - tensor.length / rows));
    if (differ(single, last)) refuse('a row depends on the others of its batch');
    [, ...all] = together;
    [, ...alone] = single;
  }
}

function zeroStates(count: number): Float32Array[] {
  return stateParts.map(({ units }) => new Float32Array(count * units));
}

/** The predictions, and behind them the states in `after`. */
async function run(
  session: InferenceSession,
  inputs: Float32Array,
  before: readonly Float32Array[],
  after: readonly Float32Array[],
): Promise<Float32Array[]> {
  const count = inputs.length;
  const predictions = new Float32Array(count);
  const feeds: Record<string, Tensor> = {};
  const fetches: Record<string, Tensor> = {};
  feeds[tilesOf('x')] = new Tensor('float32', inputs, [1, count, 1]);
  fetches[tilesOf('prediction')] = new Tensor('float32', predictions, [1, count, 1]);
  for (const [part, { name, units }] of stateParts.entries()) {
    feeds[tilesOf(name)] = new Tensor('float32', before[part]!, [1, count, units]);
    fetches[tilesOf(nextOf(name))] = new Tensor('float32', after[part]!, [1, count, units]);
  }
  await session.run(feeds, fetches);
  return [predictions, ...after];
}

function differ(first: readonly Float32Array[], second: readonly Float32Array[]): boolean {
  return first.some((tensor, part) => tensor.some((value, at) => !(Math.abs(value - second[part]![at]!) <= tolerance)));
}

function refuse(reason: string): never {
  throw new KybernError('KYBERN_MODEL', `the model cannot be served: ${reason}`);
}
