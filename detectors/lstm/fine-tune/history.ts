/** Where the past of series comes from. */
export interface History {
  /**
   * The newest points of a series as they came, oldest first, none left out in between: at most `most`, none older than
   * `fromMs`. Rejects with KYBERN_STORE.
   */
  points(fingerprint: string, fromMs: number, most: number): Promise<RawPoints>;
}

/** Parallel columns. */
export interface RawPoints {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

/** A series' past and how its readings are to be taken. */
export interface RawSeries extends RawPoints {
  /** The code that scoring knows it by: gauge, counter, delta or increase. */
  readonly kind: number;
}
