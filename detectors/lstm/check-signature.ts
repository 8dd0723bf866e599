import { type NetworkTensor, networkInputs, networkOutputs } from './network.ts';

/** What ONNX Runtime says of one input or output; a dimension is a number where the file fixes it, else a name. */
export interface TensorSignature {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}

/**
 * Every way in which a model's signature is not the forecasting network's: inputs x[batch,1], h1 and c1 [batch,64], h2 and
 * c2 [batch,32], outputs prediction[batch,1] and the state as h1_next to c2_next, all float32, the batch left open. Empty
 * where it is.
 */
export function signatureProblems(inputs: readonly TensorSignature[], outputs: readonly TensorSignature[]): string[] {
  if (inputs.some(({ name }) => name === 'state') && outputs.some(({ name }) => name === 'state_next')) return [joined];
  return [...problemsOf('input', inputs, networkInputs), ...problemsOf('output', outputs, networkOutputs)];
}

/** What was asked for once, and what to do about it. */
const joined =
  'it takes the whole state as one tensor, state to state_next [batch,192], as networks of earlier versions did: export it ' +
  'anew with the inputs h1, c1 [batch,64], h2, c2 [batch,32] and the outputs h1_next, c1_next, h2_next, c2_next; ' +
  'state was these four side by side in this order, so that a Concat before the old graph and a Split behind it will do; ' +
  'what was fine-tuned here: train it anew (kybern models train)';

function problemsOf(kind: string, found: readonly TensorSignature[], wanted: readonly NetworkTensor[]): string[] {
  const problems: string[] = [];
  for (const { name, columns } of wanted) {
    const tensor = found.find((other) => other.name === name);
    if (tensor === undefined) problems.push(`${kind} ${name} is missing`);
    else problems.push(...tensorProblems(`${kind} ${name}`, tensor, columns));
  }
  for (const { name } of found) {
    if (!wanted.some((other) => other.name === name)) problems.push(`${kind} ${name} is not known`);
  }
  return problems;
}

function tensorProblems(label: string, { isTensor, type, shape }: TensorSignature, columns: number): string[] {
  if (!isTensor) return [`${label} is no tensor`];
  const problems: string[] = [];
  if (type !== 'float32') problems.push(`${label} is ${type}, not float32`);
  // A file may leave an output's shape to be found out when it runs.
  if (shape === undefined || shape.length === 0) return problems;
  const [batch, width] = shape;
  const fits = shape.length === 2 && typeof batch !== 'number' && (typeof width !== 'number' || width === columns);
  if (!fits) problems.push(`${label} has the shape [${shape.join(',')}], not [batch,${columns}]`);
  return problems;
}
