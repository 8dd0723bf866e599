import { type ErrorCode, KybernError } from '../../model/index.ts';

/** Why an item was refused; the sender is told. */
export const rejectReasons = [
  'future',
  'time',
  'out-of-order',
  'labels',
  'text',
  'series-limit',
  'invalid',
  'unsupported',
  'residency',
  'privacy',
  'log',
] as const;
export type RejectReason = (typeof rejectReasons)[number];

/**
 * Why an item was left out although it is well formed: it has no finite value, is a start time and no measurement
 * (`created`), or was taken before (`duplicate`).
 */
export const dropReasons = ['stale', 'nan', 'infinite', 'no-value', 'created', 'duplicate'] as const;
export type DropReason = (typeof dropReasons)[number];

/**
 * What became of the items of one request: `received` = `accepted` + all `rejected` + all `dropped`, exactly. An item
 * is what the protocol calls one: a data point, a log record, a span.
 */
export interface Tally {
  received: number;
  accepted: number;
  readonly rejected: Record<RejectReason, number>;
  readonly dropped: Record<DropReason, number>;
  /** Items that are accepted although their series has newer ones already. */
  late: number;
  /** Log bodies that were cut to the limit; they are accepted. */
  truncated: number;
  /** Those among the received that are native histograms, and those of them that were refused. */
  readonly histograms: { received: number; rejected: number };
  /** Exemplars, which are no items but belong to one: understood, or refused. */
  readonly exemplars: { taken: number; rejected: number };
}

export function createTally(): Tally {
  return {
    received: 0,
    accepted: 0,
    rejected: {
      future: 0,
      time: 0,
      'out-of-order': 0,
      labels: 0,
      text: 0,
      'series-limit': 0,
      invalid: 0,
      unsupported: 0,
      residency: 0,
      privacy: 0,
      log: 0,
    },
    dropped: { stale: 0, nan: 0, infinite: 0, 'no-value': 0, created: 0, duplicate: 0 },
    late: 0,
    truncated: 0,
    histograms: { received: 0, rejected: 0 },
    exemplars: { taken: 0, rejected: 0 },
  };
}

export function rejectedItems(tally: Tally): number {
  return rejectReasons.reduce((sum, reason) => sum + tally.rejected[reason], 0);
}

const explanations: Readonly<Record<RejectReason, string>> = {
  future: 'timestamp too far in the future',
  time: 'timestamp missing or out of range',
  'out-of-order': 'older than the newest of its series by more than the window',
  labels: 'labels over the limits, duplicate or without a name',
  text: 'text that is not UTF-8',
  'series-limit': 'the number of series is at its limit',
  invalid: 'inconsistent item',
  unsupported: 'a form that is not supported',
  residency: 'pinned to another region',
  privacy: 'holds what is not to be kept',
  log: 'the log could not be written',
};

/** `3 rejected: 2 timestamp too far in the future; 1 text that is not UTF-8`, or '' where nothing was. */
export function explainRejections(tally: Tally): string {
  const parts = rejectReasons
    .filter((reason) => tally.rejected[reason] > 0)
    .map((reason) => `${tally.rejected[reason]} ${explanations[reason]}`);
  return parts.length === 0 ? '' : `${rejectedItems(tally)} rejected: ${parts.join('; ')}`;
}

const reasonOfCode: Partial<Record<ErrorCode, RejectReason>> = {
  KYBERN_LABELS_LIMIT: 'labels',
  KYBERN_NESTING: 'labels',
  KYBERN_SERIES_LIMIT: 'series-limit',
  KYBERN_BAD_REQUEST: 'text',
  KYBERN_RESIDENCY: 'residency',
  KYBERN_PRIVACY: 'privacy',
};

/**
 * A series id from a lookup that may refuse: negative numbers stand for reasons, so that the hot path neither throws
 * nor allocates.
 */
export function refusal(reason: RejectReason): number {
  return -1 - rejectReasons.indexOf(reason);
}

export function refusalReason(id: number): RejectReason {
  return rejectReasons[-1 - id];
}

/** The refusal that an error of the slow path stands for; other errors are thrown on. */
export function refusalOf(error: unknown): number {
  const reason = error instanceof KybernError ? reasonOfCode[error.code] : undefined;
  if (reason === undefined) throw error;
  return refusal(reason);
}
