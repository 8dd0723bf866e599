/** Activations as unsigned bytes: 127 steps to one, 128 for zero, so that -1 to 1 has room and what is beyond is cut off. */
export const activationSteps = 127;
export const activationZero = 128;

/** Whether an input or output of the network in int8 is of bytes: the hidden states are. */
export function isOfBytes(name: string): boolean {
  return name.startsWith('h');
}

export function toByte(activation: number): number {
  return Math.max(0, Math.min(255, Math.round(activation * activationSteps) + activationZero));
}

/** To be made a byte again without a difference, in single precision too. */
export function ofByte(byte: number): number {
  return (byte - activationZero) / activationSteps;
}
