import type { SampleBatch } from '../../model/index.ts';
import type { Tally } from '../intake/tally.ts';

/** Reads the pages of one target in one format. */
export interface PageParser {
  /**
   * The samples of a page; those without a timestamp of their own are of `scrapedMs`. Throws KYBERN_BODY_UNREADABLE
   * with the line: as with Prometheus, a page that is not all understood is not taken at all.
   */
  parse(body: Uint8Array, scrapedMs: number, tally: Tally): SampleBatch;
  /** Exemplars of all pages so far; they are checked and not kept. */
  readonly exemplars: number;
}
