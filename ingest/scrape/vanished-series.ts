/** Follows which series a target has, to tell which are gone: they get no value, and none is invented. */
export interface VanishedSeries {
  /** Takes the series of a page, in any order; which of the page before are not among them. */
  next(series: Uint32Array): Uint32Array;
}

/** Keeps the ids of one page, sorted: two merges instead of a set with an entry a series. */
export function createVanishedSeries(): VanishedSeries {
  let before = new Uint32Array(0);
  return {
    next(series) {
      const now = series.slice().sort();
      const gone: number[] = [];
      let at = 0;
      for (let index = 0; index < before.length; index++) {
        if (index > 0 && before[index] === before[index - 1]) continue;
        while (at < now.length && now[at] < before[index]) at++;
        if (now[at] !== before[index]) gone.push(before[index]);
      }
      before = now;
      return Uint32Array.from(gone);
    },
  };
}
