/** One step of the database's schema. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  /** Statements that change nothing when run a second time, for a database of this name. */
  readonly statements: (database: string) => readonly string[];
}
