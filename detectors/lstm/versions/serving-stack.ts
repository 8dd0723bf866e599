import { type ServingChange, shippedModelId } from '../../../model/index.ts';

/**
 * Models that served a class, the present one last, as far as one can go back: a change to the one before the present takes
 * the present off, any other goes on top. Never empty.
 */
export function servingStack(history: readonly ServingChange[], modelClass: string): readonly string[] {
  const changes = history.filter((change) => change.class === modelClass);
  const stack = [changes[0]?.from ?? shippedModelId];
  for (const { to } of changes) {
    if (to === shippedModelId) stack.length = 0;
    if (to === stack.at(-2)) stack.pop();
    else stack.push(to);
  }
  return stack;
}
