import type { Migration } from '../migration.ts';
import { firstTables } from './0001-first-tables.ts';
import { measuredCodecs } from './0002-measured-codecs.ts';
import { rollups } from './0003-rollups.ts';
import { diagnoses } from './0004-diagnoses.ts';
import { operators } from './0005-operators.ts';

/** In order; a number once released is never changed or used again. */
export const migrations: readonly Migration[] = [firstTables, measuredCodecs, rollups, diagnoses, operators];
