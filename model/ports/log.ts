/**
 * The log between the receivers and everything else. A topic is a sequence of records numbered from 0; a record is an
 * opaque block of bytes (many samples). Implementations: segment files; Kafka later.
 */
export interface LogTopic {
  readonly name: string;
  /** Durable (fsynced) once resolved; resolves with the record's offset. Rejects with KYBERN_LOG_UNAVAILABLE. */
  append(record: Uint8Array): Promise<number>;
  /** Offset that the next record will get. Records below it are durable. */
  readonly nextOffset: number;
  /** Oldest offset still kept. */
  readonly firstOffset: number;
  /** Durable records from this offset on, up to `maxBytes` (at least one record if there is one). */
  read(from: number, maxBytes: number): Promise<readonly LogRecord[]>;
  /** Resolves when a record with this offset is durable (at once if it is), false when the signal aborts. */
  waitFor(offset: number, signal: AbortSignal): Promise<boolean>;
}

export interface LogRecord {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface Log {
  topic(name: string): LogTopic;
  /** Flushes and closes; appends under way are made durable first. */
  close(): Promise<void>;
}

/**
 * Small durable values beside the log: consumer positions, checkpoints. `put` is atomic and fsynced; a value may be given in
 * pieces, which are kept end to end.
 */
export interface StateFiles {
  get(name: string): Promise<Uint8Array | undefined>;
  /** Where a value lies, so that it need not be held whole while it is read. Absent where values are not in files. */
  find?(name: string): Promise<FilePart | undefined>;
  put(name: string, bytes: Uint8Array | readonly Uint8Array[]): Promise<void>;
  /**
   * Begins a value that is handed over piece by piece, so that it need not be held whole. Until it is committed, `get` gives
   * the one before. One at a time. Absent where values can only be put whole.
   */
  draft?(name: string): Promise<StateDraft>;
}

/** So many bytes of a file from `start` on. */
export interface FilePart {
  readonly path: string;
  readonly start: number;
  readonly length: number;
}

/** A state that was saved, or where it lies: that of many series is larger than what is made of it may be. */
export type SavedState = Uint8Array | FilePart;

/** All of it rejects with KYBERN_LOG_UNAVAILABLE where the disk does; then only `discard` is left. */
export interface StateDraft {
  /** The piece may be used again once resolved. */
  write(piece: Uint8Array): Promise<void>;
  /** Puts it in the place of the one before: fsynced, atomic. */
  commit(): Promise<void>;
  /** Leaves the one before. Never rejects. */
  discard(): Promise<void>;
}

/** A part with state that is costly to rebuild: saved with the log offset it belongs to. */
export interface Checkpointed {
  /** Resolves once nothing that was observed is under way still: to be awaited before `save` and `pieces`, where there is one. */
  settle?(): Promise<void>;
  save(): Uint8Array;
  /**
   * What `save` gives, in pieces that are made one by one as they are asked for, so that others may run in between. Nothing
   * may be observed before the last, and each is to be used before the next is asked for: it may be the state itself, and no
   * copy. Absent where the state is small.
   */
  pieces?(): Iterable<Uint8Array | Promise<Uint8Array>>;
  /** False where the bytes are of another version: the part then starts empty. */
  load(bytes: Uint8Array): boolean;
}

/** The same of a part that is large, and may live in another thread: it can only be waited for. */
export interface CheckpointedApart {
  readonly isApart: true;
  settle?(): Promise<void>;
  /** As of {@link Checkpointed}. */
  pieces(): Iterable<Uint8Array | Promise<Uint8Array>>;
  /** As of {@link Checkpointed}. Throws or rejects with KYBERN_LOG_UNAVAILABLE where a file cannot be read. */
  load(saved: SavedState): boolean | Promise<boolean>;
}
