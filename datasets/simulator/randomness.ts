import { createRandom, type Random } from '../../model/index.ts';

/** A 32-bit seed that follows from parts (FNV-1a over their text): one independent stream of randomness per purpose. */
export function seedFrom(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    const text = `${part};`;
    for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

export function randomFrom(...parts: readonly (string | number)[]): Random {
  return createRandom(seedFrom(...parts));
}

/** Standard normal, by Box and Muller. */
export function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Exponential with this mean. */
export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random());
}

/** Poisson: Knuth's product for small means, the normal approximation above 30. */
export function poisson(random: Random, mean: number): number {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * gaussian(random)));
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count++;
  return count;
}

export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random();
}

/** A shuffled copy (Fisher and Yates). */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const copy = [...items];
  for (let index = copy.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    const item = copy[index];
    copy[index] = copy[other];
    copy[other] = item;
  }
  return copy;
}

const hexBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Hex digits, a multiple of eight of them, one random number for each eight. */
export function hexDigits(random: Random, digits: number): string {
  let text = '';
  for (let made = 0; made < digits; made += 8) {
    const word = (random() * 4_294_967_296) >>> 0;
    text += hexBytes[word >>> 24] + hexBytes[(word >>> 16) & 255] + hexBytes[(word >>> 8) & 255] + hexBytes[word & 255];
  }
  return text;
}

const podAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** A suffix in the alphabet that Kubernetes uses for generated names. */
export function nameSuffix(random: Random, length: number): string {
  let text = '';
  for (let index = 0; index < length; index++) text += podAlphabet[Math.floor(random() * podAlphabet.length)];
  return text;
}
