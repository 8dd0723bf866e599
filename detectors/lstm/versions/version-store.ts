import type { ModelCard, ServingChange } from '../../../model/index.ts';

/** What is kept of models. */
export interface StoredModels {
  readonly cards: readonly ModelCard[];
  /** By class; a class that is missing is served by the shipped one. */
  readonly serving: Readonly<Record<string, string>>;
  readonly history: readonly ServingChange[];
}

/**
 * Where versions are kept: the data directory, or a topic that several processes share. Whatever is written is there whole
 * or not at all once resolved, and is read from then on. Rejects with KYBERN_DATA_DIR, or as the log does.
 */
export interface VersionStore {
  /** All there is; `damaged` is told of what cannot be read, which is left out. */
  read(damaged: (detail: string) => void): Promise<StoredModels>;
  add(card: ModelCard, bytes: Uint8Array): Promise<void>;
  writeCard(card: ModelCard): Promise<void>;
  /**
   * Records a change, after which that serves and this is the history. Rejects with KYBERN_CONFLICT where another process
   * has changed the class meanwhile: then nothing was changed.
   */
  writeChange(made: ServingChange, after: Pick<StoredModels, 'serving' | 'history'>): Promise<void>;
  remove(id: string): Promise<void>;
  pathOf(id: string): string;
}
