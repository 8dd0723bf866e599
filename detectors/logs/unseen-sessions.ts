import { type Anomaly, describeEntity, type Metrics, type SeriesCatalog } from '../../model/index.ts';
import type { LogsConfig } from '../config.ts';
import { type DerivedSamples, internDerived } from '../derived-samples.ts';
import { binomialTail } from './binomial-tail.ts';
import { createEpisodes } from './episodes.ts';
import { logAnomaly, suchAs } from './log-anomaly.ts';
import type { LogEntities, LogEntity } from './log-entities.ts';
import type { ClosedSession } from './log-sessions.ts';
import { createSessionVectors, differences } from './session-vectors.ts';
import type { Templates } from './templates.ts';

/** Tells of entities whose sessions (or windows) hold lines in numbers never seen together before. */
export interface UnseenSessions {
  /** Judges the sessions of the window that ends at `endMs`. */
  windowClosed(closed: readonly ClosedSession[], endMs: number, derived: DerivedSamples, out: Anomaly[]): void;
  /** Call when the templates of these ids have become others. */
  rename(gone: ReadonlySet<number>): void;
  forgetDeviations(): void;
  save(): unknown;
  load(saved: unknown): void;
}

/** Sessions are judged by those of the latest minute. */
const recentMs = 60_000;
const learnMs = 1_800_000;
const quietMs = 60_000;
const told = 3;

/** What is judged: sessions by their id, or the time windows of an entity by which templates came. */
export interface UnseenKind {
  readonly name: 'session' | 'window';
  readonly warmup: number;
  /** So many of the latest minute must be unseen: windows that follow each other are no independent witnesses. */
  readonly fewest: number;
}

interface Tally {
  readonly endMs: number;
  readonly closed: number;
  readonly unseen: number;
}

export function createUnseenSessions(
  catalog: SeriesCatalog,
  entities: LogEntities,
  templates: Templates,
  metrics: Metrics,
  config: LogsConfig,
  kind: UnseenKind,
): UnseenSessions {
  const windowMs = config.windowSeconds * 1000;
  const vectors = createSessionVectors({
    warmupSessions: kind.warmup,
    maxVectors: config.maxSessionVectors,
    learnMs,
  });
  const episodes = createEpisodes({ hits: 1, of: 1, quietMs, acceptMs: learnMs }, windowMs);
  let recent = new Map<number, Tally[]>();
  const judged = metrics.counter('kybern_detectors_log_sessions_total', 'Log sessions judged.', ['kind', 'verdict']);
  const kept = metrics.gauge(
    'kybern_detectors_log_session_vectors_count',
    'Event-count vectors of log sessions kept.',
    ['kind'],
  );

  function find(
    entity: LogEntity,
    { closed, unseen }: Omit<Tally, 'endMs'>,
    example: ClosedSession,
    endMs: number,
    onsetMs: number,
  ): Anomaly | undefined {
    const series = internDerived(catalog, unseenIdentity(entity, kind));
    if (series === undefined) return undefined;
    const usual = vectors.unseenShare(entity.scope);
    const tail = binomialTail(unseen, closed, usual);
    return logAnomaly({
      series: catalog.get(series),
      detector: 'log-session',
      key: kind.name,
      onsetMs,
      detectedMs: endMs,
      observed: unseen / closed,
      expected: usual,
      lower: 0,
      upper: Math.min(1, usual + 6 * Math.sqrt((usual * (1 - usual)) / closed)),
      score: Math.min(100, -Math.log10(Math.max(tail, 1e-100))),
      severity: 1 - usual,
      reason: describe(entity, { closed, unseen }, usual, example, endMs),
    });
  }

  function describe(
    entity: LogEntity,
    { closed, unseen }: Omit<Tally, 'endMs'>,
    usual: number,
    example: ClosedSession,
    endMs: number,
  ): string {
    const nearest = vectors.nearest(entity.scope, example.vector, endMs);
    const apart = nearest === undefined ? [] : differences(example.vector, nearest).slice(0, told);
    const text = (id: number): string =>
      `'${templates.get(id)?.words.join(' ').slice(0, 120) ?? 'a line now forgotten'}'`;
    const list = apart.map(({ id, observed, expected }) => `${text(id)} ${observed} times instead of ${expected}`);
    const examples = apart
      .filter(({ observed }) => observed > 0)
      .flatMap(({ id }) => templates.get(id)?.examples[0] ?? []);
    return [
      `${unseen} of ${closed} log ${kind.name}s of ${describeEntity(entity.ref)} in the last minute hold lines in numbers never seen together`,
      ` before (usually ${formatShare(usual)})`,
      list.length === 0 ? '' : `; one of ${example.records} has ${list.join(', ')}`,
      suchAs(examples),
    ].join('');
  }

  /** Which lines come in its windows follows from what a pod runs, and a new one may run what is new: it is learnt. */
  function isOfNewVersion({ ref, bornMs }: LogEntity, endMs: number): boolean {
    return kind.name === 'window' && ref.kind === 'pod' && endMs - bornMs < learnMs;
  }

  /** The tallies of the latest minute; the older ones become part of what is usual, unless they were told of. */
  function expire(index: number, scope: string, endMs: number): Tally[] {
    const kept: Tally[] = [];
    for (const tally of recent.get(index) ?? []) {
      if (endMs - tally.endMs < recentMs) kept.push(tally);
      else if (!episodes.isOpen(String(index))) vectors.learn(scope, tally.closed, tally.unseen);
    }
    recent.set(index, kept);
    return kept;
  }

  return {
    windowClosed: (closed, endMs, derived, out) => {
      const byEntity = new Map<number, ClosedSession[]>();
      for (const session of closed) {
        const known = byEntity.get(session.entity);
        if (known === undefined) byEntity.set(session.entity, [session]);
        else known.push(session);
      }
      for (const [index, sessions] of byEntity) {
        const entity = entities.all.get(index);
        if (entity === undefined) continue;
        const key = String(index);
        const warm = vectors.isWarm(entity.scope);
        const strange: ClosedSession[] = [];
        for (const session of sessions) {
          if (vectors.take(entity.scope, session.vector, endMs)) strange.push(session);
        }
        judged.add(strange.length, { kind: kind.name, verdict: 'unseen' });
        judged.add(sessions.length - strange.length, { kind: kind.name, verdict: warm ? 'seen' : 'learning' });
        const series = internDerived(catalog, unseenIdentity(entity, kind));
        if (series !== undefined) derived.add(series, endMs, strange.length / sessions.length);
        if (!warm || isOfNewVersion(entity, endMs)) continue;
        const tallies = expire(index, entity.scope, endMs);
        tallies.push({ endMs, closed: sessions.length, unseen: strange.length });
        recent.set(index, tallies);
        const sum = tallies.reduce(
          (all, tally) => ({ closed: all.closed + tally.closed, unseen: all.unseen + tally.unseen }),
          { closed: 0, unseen: 0 },
        );
        if (strange.length === 0 || sum.unseen < kind.fewest) continue;
        const chance = binomialTail(sum.unseen, sum.closed, vectors.unseenShare(entity.scope));
        if (chance >= config.sessionProbability && !episodes.isOpen(key)) continue;
        const first = tallies.find(({ unseen }) => unseen > 0)!;
        const deviation = { key, endMs, size: sum.unseen / sum.closed, kind: entity.scope };
        episodes.deviates(deviation, () => find(entity, sum, strange[0]!, endMs, first.endMs - windowMs), out);
      }
      for (const index of recent.keys()) {
        if (expire(index, entities.all.get(index)?.scope ?? '', endMs).length === 0) recent.delete(index);
      }
      episodes.windowClosed(endMs, out);
      kept.set(vectors.size, { kind: kind.name });
    },
    rename: (gone) => vectors.rename(gone, (id) => templates.get(id)?.id ?? id),
    forgetDeviations: episodes.forgetDeviations,
    save: () => ({ vectors: vectors.save(), episodes: episodes.save(), recent: [...recent] }),
    load: (saved) => {
      const state = saved as { vectors: unknown; episodes: unknown; recent: [number, Tally[]][] };
      vectors.load(state.vectors);
      episodes.load(state.episodes);
      recent = new Map(state.recent);
    },
  };
}

function unseenIdentity(entity: LogEntity, kind: UnseenKind) {
  return {
    name: `log.${kind.name}.unseen.ratio`,
    labels: entity.labels,
    kind: 'gauge',
    unit: '1',
    origin: 'logs',
  } as const;
}

function formatShare(share: number): string {
  return share >= 0.1 ? `${Math.round(share * 100)} %` : `1 in ${Math.round(1 / share)}`;
}
