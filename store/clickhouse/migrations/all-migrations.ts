import type { Migration } from '../migration.ts';
import { firstTables } from './0001-first-tables.ts';

/** In order; a number once released is never changed or used again. */
export const migrations: readonly Migration[] = [firstTables];
