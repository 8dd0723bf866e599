/** What a generator process is to send. Bodies of one group follow each other on one connection, groups go side by side. */
export interface LoadPlan {
  readonly url: string;
  readonly series: number;
  readonly samplesPerBody: number;
  readonly startMs: number;
  readonly stepMs: number;
  readonly rounds: number;
  /** As many as there are bodies in a round unless told. */
  readonly connections?: number;
  /** Open loop: a body is due at its time, whether or not the one before was answered. Absent: as fast as answered. */
  readonly samplesPerSecond?: number;
  /**
   * As a fleet is scraped: groups are spread over the step, and a body is due when its samples were taken. The sending starts
   * at `startMs`, by the clock.
   */
  readonly live?: boolean;
}

/** What came of it. */
export interface LoadReport {
  readonly samples: number;
  /** From the first body sent to the last answered. */
  readonly seconds: number;
  /** Milliseconds from when a body was due to its answer. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Bodies that had to be sent again after a 503 or a broken connection. */
  readonly retries: number;
}
