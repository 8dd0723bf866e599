import { type Decision, type DecisionType, toEpochMs } from '../model/index.ts';

/** A decision with what is needed to find, filter and sort it. */
export interface StoredDocument {
  readonly type: DecisionType;
  readonly id: string;
  readonly revision: number;
  /** '' for an audit record. */
  readonly state: string;
  /** Its place in lists: when it began, which no revision changes. */
  readonly atMs: number;
  /** End of its life; far ahead while it goes on. */
  readonly untilMs: number;
  /** Fingerprint of the series of an anomaly or of feedback, action of an audit record, otherwise ''. */
  readonly about: string;
  /** Of an audit record, otherwise 0. */
  readonly sequence: number;
  readonly value: Decision['value'];
}

/** Later than any time there will be: 2199-01-01, within what ClickHouse can hold. */
export const stillGoingOnMs = Date.UTC(2199, 0, 1);

export function documentOf(decision: Decision): StoredDocument {
  const { type, value } = decision;
  switch (type) {
    case 'anomaly': {
      const untilMs = value.clearedAt === undefined ? stillGoingOnMs : toEpochMs(value.clearedAt);
      return { ...common(decision), state: value.state, atMs: toEpochMs(value.onset), untilMs, about: value.series };
    }
    case 'incident': {
      const untilMs = value.resolvedAt === undefined ? stillGoingOnMs : toEpochMs(value.resolvedAt);
      return { ...common(decision), state: value.state, atMs: toEpochMs(value.openedAt), untilMs };
    }
    case 'proposal':
      return atOnce({ ...common(decision), state: value.state, atMs: toEpochMs(value.createdAt) });
    case 'action':
      return atOnce({ ...common(decision), state: value.state, atMs: toEpochMs(value.createdAt) });
    case 'feedback':
      return atOnce({ ...common(decision), state: value.state, atMs: toEpochMs(value.at), about: value.series });
    case 'maintenance':
      return atOnce({ ...common(decision), state: value.state, atMs: toEpochMs(value.createdAt) });
    case 'audit':
      return atOnce({
        ...common(decision),
        revision: 1,
        atMs: toEpochMs(value.at),
        about: value.actionId ?? '',
        sequence: value.sequence,
      });
  }
}

function common(decision: Decision) {
  const { type, value } = decision;
  const revision = 'revision' in value ? value.revision : 1;
  return { type, id: value.id, revision, state: '', about: '', sequence: 0, value };
}

function atOnce<T extends { readonly atMs: number }>(document: T): T & { readonly untilMs: number } {
  return { ...document, untilMs: document.atMs };
}
