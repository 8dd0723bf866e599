import type { Door, Sent, Situation } from './doors.ts';

/** A line of the matrix: one input through every door that it makes sense for. */
export interface Row {
  readonly what: string;
  readonly to: (door: Door) => boolean;
  readonly send: (door: Door) => Sent;
  /** As table 1.0 has it for the door; or the answer itself, where the input is one door's own. */
  readonly answer: Situation | ((door: Door) => string);
  /** Items of it that are kept: by default one where it is accepted, else none. */
  readonly kept?: number | ((door: Door) => number);
}

export const any = () => true;
export const isJson = ({ form }: Door) => form === 'json';
export const isProto = ({ form }: Door) => form === 'proto';
export const takesHttpEncodings = ({ packing }: Door) => packing !== 'snappy';
export const takesSnappy = ({ packing }: Door) => packing !== 'http';
export const named =
  (...names: readonly string[]) =>
  ({ name }: Door) =>
    names.includes(name);
