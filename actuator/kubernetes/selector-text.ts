import type { V1LabelSelector } from '@kubernetes/client-node';

const setOperators: Readonly<Record<string, string>> = { In: 'in', NotIn: 'notin' };

/** A label selector as the query parameter `labelSelector` has it. */
export function selectorText({ matchLabels = {}, matchExpressions = [] }: V1LabelSelector): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const others = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${setOperators[operator] ?? operator} (${values.join(',')})`;
  });
  return [...equal, ...others].join(',');
}
