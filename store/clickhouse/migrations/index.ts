import { firstTables } from './0001-first-tables.ts';

export interface Migration {
  readonly version: number;
  readonly name: string;
  /** Statements that change nothing when run a second time, for a database of this name. */
  readonly statements: (database: string) => readonly string[];
}

/** In order; a number once released is never changed or used again. */
export const migrations: readonly Migration[] = [firstTables];
