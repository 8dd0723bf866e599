/** Under what this process owns a partition. */
export interface Owner {
  /** Of the group, when the partition came to this process. */
  readonly generation: number;
  /** Resolves where the group's coordinator says that it still does. Rejects with KYBERN_FENCED. */
  readonly confirm: () => Promise<void>;
  /** Whether it must still be so, as far as this process can know without asking. */
  readonly isFresh: () => boolean;
}
