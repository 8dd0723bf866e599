/** Intervals of the spans being looked at, each with a number, on one stack that is reused: nothing is allocated per span. */
export interface IntervalStack {
  size: number;
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly what: Int32Array;
  /** False where it is full. */
  push(from: number, to: number, what: number): boolean;
  /** Sorts the intervals from `base` on by their end, latest first. Shellsort (gaps by Ciura). */
  sortByEnd(base: number): void;
}

const gaps = [701, 301, 132, 57, 23, 10, 4, 1];

export function createIntervalStack(room: number): IntervalStack {
  const from = new Float64Array(room);
  const to = new Float64Array(room);
  const what = new Int32Array(room);

  /** Of equal ends the later start goes first, of equal intervals the smaller number. */
  function isBefore(start: number, end: number, number: number, other: number): boolean {
    if (end !== to[other]) return end > to[other]!;
    return start === from[other] ? number < what[other]! : start > from[other]!;
  }

  const stack: IntervalStack = {
    size: 0,
    from,
    to,
    what,
    push: (start, end, number) => {
      if (stack.size === room) return false;
      from[stack.size] = start;
      to[stack.size] = end;
      what[stack.size] = number;
      stack.size += 1;
      return true;
    },
    sortByEnd: (base) => {
      const count = stack.size - base;
      for (const gap of gaps) {
        if (gap >= count) continue;
        for (let i = base + gap; i < stack.size; i += 1) {
          const start = from[i]!;
          const end = to[i]!;
          const number = what[i]!;
          let at = i;
          for (; at >= base + gap && isBefore(start, end, number, at - gap); at -= gap) {
            from[at] = from[at - gap]!;
            to[at] = to[at - gap]!;
            what[at] = what[at - gap]!;
          }
          from[at] = start;
          to[at] = end;
          what[at] = number;
        }
      }
    },
  };
  return stack;
}
