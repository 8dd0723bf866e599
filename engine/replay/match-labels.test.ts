import { describe, expect, it } from 'vitest';
import { type Incident, toTimestamp } from '../../model/index.ts';
import { matchLabels, slackMs } from './match-labels.ts';

const minute = 60_000;
const label = (fromMinute: number, service = 'store') => ({
  startMs: fromMinute * minute,
  endMs: (fromMinute + 5) * minute,
  service,
});

/** A revision of an incident: when it was opened, when told, and the services it ranks. */
function revision(id: string, openedMinute: number, atMinute: number, ...services: readonly string[]): Incident {
  const at = toTimestamp(atMinute * minute);
  const causes = services.map((name, index) => ({
    ...{ rank: index + 1, entity: { kind: 'service' as const, namespace: '', name }, code: 'unknown' as const },
    ...{ title: '', probability: 0.6, path: [], evidence: [] },
  }));
  return {
    ...{ id, revision: 1, state: 'open', severity: 'warning', title: '', startedAt: at, updatedAt: at },
    openedAt: toTimestamp(openedMinute * minute),
    symptom: { kind: 'service', namespace: '', name: 'door' },
    ...{ entities: [], anomalies: [], events: [], actions: [] },
    diagnosis: { at, causes, abstained: false, checked: [], missing: [] },
  };
}

const ranks = (labels: readonly ReturnType<typeof label>[], revisions: readonly Incident[]) =>
  matchLabels(labels, [], revisions).matches.map(({ incident }) => incident?.causeRank);

describe('a label is judged by', () => {
  it('the first incident opened in its span, as it was last told in it', () => {
    const told = [
      revision('a', 11, 11, 'door', 'store'),
      revision('a', 11, 14, 'store', 'door'),
      revision('b', 12, 12, 'door'),
      revision('a', 11, 30, 'door'),
    ];
    expect(ranks([label(10)], told)).toEqual([1]);
  });

  it('an incident opened a little late, not one opened later', () => {
    const end = 15 + slackMs / minute;
    expect(ranks([label(10)], [revision('a', end, end, 'store')])).toEqual([1]);
    expect(ranks([label(10)], [revision('a', end + 1, end + 1, 'store')])).toEqual([undefined]);
  });

  it('one open from before only by what it says anew', () => {
    const before = revision('a', 5, 6, 'store');
    expect(matchLabels([label(10)], [], [before]).matches[0].incident).toBeUndefined();
    const { matches } = matchLabels([label(10)], [], [before, revision('a', 5, 12, 'door', 'store')]);
    expect(matches[0].incident).toMatchObject({ opened: false, causeRank: 2, delaySeconds: -300 });
    expect(matches[0].bestRank).toBeUndefined();
  });

  it('an incident that no other label has', () => {
    const summary = matchLabels([label(10), label(14)], [], [revision('a', 14.5, 14.5, 'store')]);
    expect(summary.matches.map(({ incident }) => incident?.opened)).toEqual([undefined, true]);
    expect(summary.falseIncidents).toBe(0);
  });
});

it('tells the best rank of all incidents opened in the span apart', () => {
  const [match] = matchLabels([label(10)], [], [revision('a', 11, 11, 'door'), revision('b', 12, 12, 'store')]).matches;
  expect(match.incident).toMatchObject({ id: 'a' });
  expect(match.incident?.causeRank).toBeUndefined();
  expect(match.bestRank).toBe(1);
});

it('counts incidents outside of every span', () => {
  expect(matchLabels([label(10)], [], [revision('a', 30, 30, 'store')])).toMatchObject({
    incidents: 1,
    falseIncidents: 1,
  });
});
