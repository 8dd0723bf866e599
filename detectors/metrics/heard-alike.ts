import { entityKey, keyOfMany, type SeriesCatalog } from '../../model/index.ts';
import type { SeriesColumns } from './series-columns.ts';
import type { SlotTable } from './slot-table.ts';

export interface HeardAlikeDeps {
  readonly columns: Pick<SeriesColumns, 'series' | 'lastMs'>;
  readonly table: Pick<SlotTable, 'forEachSlot'>;
  readonly catalog: Pick<SeriesCatalog, 'get'>;
  readonly isHeard: (slot: number) => boolean;
}

/** Silent series beside those that say the same of another instance of the same entity. */
export interface HeardAlike {
  /** Those of these slots beside which such a one is heard. Looks at all series: to be asked only where some are silent. */
  besideHeard(slots: readonly number[]): ReadonlySet<number>;
  /** Of each such group among these slots all but the one that was heard last. */
  butLast(slots: readonly number[]): ReadonlySet<number>;
}

export function createHeardAlike({ columns, table, catalog, isHeard }: HeardAlikeDeps): HeardAlike {
  const definitionOf = (slot: number) => catalog.get(columns.series[slot]!);

  return {
    besideHeard(slots) {
      // Few of all have the name, fewer the entity: only of those the labels are looked at.
      const names = new Set(slots.map((slot) => definitionOf(slot).name));
      const entities = new Set(slots.map((slot) => entityKey(definitionOf(slot).entity)));
      const heard = new Set<string>();
      table.forEachSlot((slot) => {
        const definition = definitionOf(slot);
        if (!names.has(definition.name) || !isHeard(slot) || !entities.has(entityKey(definition.entity))) return;
        heard.add(keyOfMany(definition));
      });
      return new Set(slots.filter((slot) => heard.has(keyOfMany(definitionOf(slot)))));
    },
    butLast(slots) {
      const last = new Map<string, number>();
      for (const slot of slots) {
        const key = keyOfMany(definitionOf(slot));
        const other = last.get(key);
        if (other === undefined || columns.lastMs[slot]! > columns.lastMs[other]!) last.set(key, slot);
      }
      const kept = new Set(last.values());
      return new Set(slots.filter((slot) => !kept.has(slot)));
    },
  };
}
