export const kindServer = 2;
export const kindClient = 3;
export const kindProducer = 4;
export const kindConsumer = 5;

/**
 * How far the clock of a child's host is to be moved so that its span fits its parent's, in ms; 0 where it may be right.
 * A call cannot begin before its caller did nor after it ended: such a child is put in the middle of its parent, or at its
 * start where it takes longer, as Jaeger's clock-skew adjuster does. A child that begins inside and ends outside is left
 * where it is: its caller gave up on it, or did not wait. Spans of one service have one clock.
 */
export function clockShift(
  parentFrom: number,
  parentTo: number,
  childFrom: number,
  childTo: number,
  sameService: boolean,
): number {
  if (sameService || (childFrom >= parentFrom && childFrom <= parentTo)) return 0;
  const spare = parentTo - parentFrom - (childTo - childFrom);
  return parentFrom + Math.max(0, spare / 2) - childFrom;
}
