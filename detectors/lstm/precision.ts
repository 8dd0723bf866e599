import { stateParts } from './network.ts';
import { isOfBytes } from './onnx/activation-bytes.ts';
import type { StatePart } from './state-plane.ts';

/**
 * In what numbers the products of the network are made: `float32` as the file has it, or `int8`, its matrices and hidden
 * states rounded (`onnx/export-int8-network.ts`), where that changes its forecasts by little.
 */
export type Precision = 'float32' | 'int8';

/** What serves where the configuration says nothing else. */
export const servedPrecision: Precision = 'int8';

/** In what form a file was opened, and why. */
export interface OpenedForm {
  readonly precision: Precision;
  /**
   * `asked`: as was asked for; `other-graph`: int8 was, but the file's graph is not one that Kybern writes; `apart`: int8
   * was, but its forecasts lie too far from the file's.
   */
  readonly reason: 'asked' | 'other-graph' | 'apart';
  /** How far int8 forecasts lie from the file's, in scales of the normaliser; absent where int8 was not tried. */
  readonly apart?: Apart;
}

/** Distances between the forecasts of two forms of a network over the same series, in scales of the normaliser. */
export interface Apart {
  /** Mean absolute distance over series that move. */
  readonly moving: number;
  /** At the end of a series that stands still. */
  readonly atRest: number;
}

/** Beyond this int8 does not serve: a fifteenth of the shipped network's error on held-out time. */
export const apartLimit = 0.03;

export function isWithin({ moving, atRest }: Apart): boolean {
  return moving <= apartLimit && atRest <= apartLimit;
}

/** How the states of the network are kept for it, in the order of `stateParts`. */
export function statesOf(precision: Precision): readonly StatePart[] {
  return stateParts.map(({ name, units }) => ({ units, ofBytes: precision === 'int8' && isOfBytes(name) }));
}
