import type { ForecastWeights, LstmWeights } from '../network.ts';

/** Steps after which a network that still moves is taken as it is: it has no rest. */
const mostSteps = 600;
const still = 1e-6;

/** The hidden states that a series which stands still at x = 0 comes to, from the zero state on. */
export interface RestState {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

export function restState(weights: ForecastWeights): RestState {
  const first = createCell(weights.first);
  const second = createCell(weights.second);
  const nothing = new Float64Array(weights.first.inputs);
  for (let step = 0; step < mostSteps; step += 1) {
    const moved = Math.max(first.step(nothing), second.step(first.hidden));
    if (moved < still) break;
  }
  return { first: first.hidden, second: second.hidden };
}

interface Cell {
  readonly hidden: Float64Array;
  /** One step; by how much the hidden state moved at most. */
  step(inputs: Float64Array): number;
}

function createCell({ units, kernel, recurrent, bias }: LstmWeights): Cell {
  const width = 4 * units;
  const hidden = new Float64Array(units);
  const cell = new Float64Array(units);
  const sums = new Float64Array(width);

  function add(rows: Float32Array, values: Float64Array): void {
    for (let row = 0; row < values.length; row += 1) {
      const value = values[row]!;
      for (let column = 0; column < width; column += 1) sums[column]! += value * rows[row * width + column]!;
    }
  }

  return {
    hidden,
    step(inputs) {
      sums.set(bias);
      add(kernel, inputs);
      add(recurrent, hidden);
      let moved = 0;
      for (let unit = 0; unit < units; unit += 1) {
        const kept = sigmoid(sums[units + unit]!) * cell[unit]!;
        cell[unit] = kept + sigmoid(sums[unit]!) * Math.tanh(sums[2 * units + unit]!);
        const next = sigmoid(sums[3 * units + unit]!) * Math.tanh(cell[unit]!);
        moved = Math.max(moved, Math.abs(next - hidden[unit]!));
        hidden[unit] = next;
      }
      return moved;
    },
  };
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
