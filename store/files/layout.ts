/** How rows of one kind lie in memory and on disk; G is a group of rows, sorted by key, each key once. */
export interface Layout<G> {
  readonly rowsPerGroup: number;
  rows(group: G): number;
  /** Order of row i of one group and row j of another by key. */
  compare(a: G, i: number, b: G, j: number): number;
  /** Takes rows over one by one. */
  collector(): Collector<G>;
  /** What a reader must know to leave the group alone. */
  spanOf(group: G): Span;
  encode(group: G): Uint8Array;
  decode(bytes: Uint8Array): G;
}

export interface Collector<G> {
  readonly rows: number;
  add(group: G, row: number): void;
  /** The rows taken; it is empty again afterwards. */
  take(): G;
}

/** Least and greatest key (its leading part) and time of some rows. */
export interface Span {
  readonly low: string;
  readonly high: string;
  readonly fromMs: number;
  readonly toMs: number;
}
