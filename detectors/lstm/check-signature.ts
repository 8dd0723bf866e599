import { stateFloats } from './network.ts';

/** What ONNX Runtime says of one input or output; a dimension is a number where the file fixes it, else a name. */
export interface TensorSignature {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}

interface WantedTensor {
  readonly name: string;
  readonly columns: number;
}

const wantedInputs: readonly WantedTensor[] = [
  { name: 'x', columns: 1 },
  { name: 'state', columns: stateFloats },
];
const wantedOutputs: readonly WantedTensor[] = [
  { name: 'prediction', columns: 1 },
  { name: 'state_next', columns: stateFloats },
];

/**
 * Every way in which a model's signature is not the forecasting network's: inputs x[batch,1] and state[batch,192],
 * outputs prediction[batch,1] and state_next[batch,192], all float32, the batch left open. Empty where it is.
 */
export function signatureProblems(inputs: readonly TensorSignature[], outputs: readonly TensorSignature[]): string[] {
  return [...problemsOf('input', inputs, wantedInputs), ...problemsOf('output', outputs, wantedOutputs)];
}

function problemsOf(kind: string, found: readonly TensorSignature[], wanted: readonly WantedTensor[]): string[] {
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
