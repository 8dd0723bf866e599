import type { SeriesKind } from '../../model/index.ts';
import type { SampleColumns } from '../intake/sample-columns.ts';
import type { SampleWindow } from '../intake/sample-window.ts';
import type { RejectReason, Tally } from '../intake/tally.ts';
import type { ResourceScope } from './resource-scopes.ts';

/** One metric of one resource, as its points need it. */
export interface MetricScope {
  readonly scope: number;
  readonly resource: ResourceScope;
  readonly name: string;
  readonly unit: string;
  readonly kind: SeriesKind;
  /** Set where every point of it is refused. */
  readonly refused?: RejectReason;
}

/** What a point reader writes to. */
export interface PointSink {
  columns: SampleColumns;
  tally: Tally;
  latestMs: number;
  /** Says which of them come too late; undefined: none does. */
  readonly window?: SampleWindow | undefined;
}
