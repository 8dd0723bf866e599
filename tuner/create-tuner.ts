import {
  type Action,
  type CauseCode,
  type Change,
  type Incident,
  type Metrics,
  type SeriesCatalog,
  type Slo,
  type Tuner,
  type TunerInput,
  toEpochMs,
  type WorkloadRef,
  workloadKey,
} from '../model/index.ts';
import type { TunerConfig } from './config.ts';
import { judgeReplicas } from './horizontal/judge-replicas.ts';
import { scaleWithLoad } from './horizontal/scale-with-load.ts';
import { learnFrom } from './learn-from.ts';
import { createObservation } from './observation/observation.ts';
import { updateTracks } from './observation/update-tracks.ts';
import { viewWorkload, type WorkloadView } from './observation/workload-view.ts';
import { isDone } from './proposals/is-done.ts';
import { createProposalBook } from './proposals/proposal-book.ts';
import { actionableCause, remedyFor } from './remedies/remedy.ts';
import { targetOfCause } from './remedies/target-of-cause.ts';
import { rightSize } from './search/right-size.ts';
import { loadState, saveState, type TunerState } from './tuner-state.ts';
import { growWithMemory } from './vertical/grow-with-memory.ts';

export interface TunerDeps {
  readonly catalog: SeriesCatalog;
  readonly metrics: Metrics;
  readonly config: TunerConfig;
  /** What services owe: the latency that sizes must keep. Without them utilisation alone limits. */
  readonly slos?: readonly Slo[];
}

const rememberedReplicas = 8;

/** Causes that more replicas answer. */
const loadCauses: ReadonlySet<CauseCode> = new Set([
  'traffic-surge',
  'cpu-saturation',
  'cpu-throttling',
  'queue-backlog',
]);

/**
 * Turns what is seen and diagnosed into proposals: remedies for incidents, replicas ahead of the load, memory ahead of
 * its limit, and now and then a cheaper size. A function of its inputs in event time.
 */
export function createTuner(deps: TunerDeps): Tuner {
  const { config } = deps;
  const points = Math.ceil(config.historySeconds / config.evaluateSeconds);
  const observation = createObservation(deps.catalog, points);
  const book = createProposalBook({
    proposalMs: config.proposalSeconds * 1000,
    renewMs: config.renewSeconds * 1000,
  });
  const state: TunerState = {
    incidents: new Map(),
    answered: new Map(),
    learned: new Map(),
    quiet: new Map(),
    lastMs: 0,
  };

  const proposed = deps.metrics.counter('kybern_proposals_total', 'Proposals made or changed, by source and state.', [
    'source',
    'state',
  ]);
  const unanswered = deps.metrics.counter(
    'kybern_remedies_missing_total',
    'Diagnosed causes without a remedy of ours.',
    ['code'],
  );

  function latencySloOf({ namespace, name }: WorkloadRef): number | undefined {
    const named = (deps.slos ?? []).filter((slo) => slo.service === name);
    const slo =
      named.find((each) => each.namespace === namespace) ?? named.find((each) => each.namespace === undefined);
    return slo?.latencyP95Ms;
  }

  function evaluate(atMs: number): void {
    const { snapshot } = observation;
    observation.forget();
    if (snapshot === undefined) return;
    const views = new Map<string, WorkloadView>();
    const troubled = new Set(
      [...state.incidents.values()].flatMap(({ entities }) => entities.map((each) => each.namespace)),
    );
    for (const workload of snapshot.workloads) {
      const view = viewWorkload(observation, workload, atMs, config, troubled.has(workload.ref.namespace));
      if (view === undefined) continue;
      updateTracks(view, config);
      views.set(workloadKey(workload.ref), view);
    }
    settleOpen(views, atMs);
    answerIncidents(views, atMs);
    for (const [key, view] of [...views].sort(([a], [b]) => (a < b ? -1 : 1))) lookAhead(key, view, atMs);
    book.expire(atMs);
  }

  // What was proposed and is there now was taken, by an action of ours or by a person.
  function settleOpen(views: ReadonlyMap<string, WorkloadView>, atMs: number): void {
    for (const proposal of book.all()) {
      const view = views.get(workloadKey(proposal.target));
      if (view === undefined) continue;
      const { track } = view;
      if (isDone(proposal.changes, view)) {
        book.take(proposal.id, atMs);
        track.actedMs = Math.max(track.actedMs, atMs);
      }
    }
  }

  function answerIncidents(views: ReadonlyMap<string, WorkloadView>, atMs: number): void {
    for (const incident of [...state.incidents.values()].sort((a, b) => (a.id < b.id ? -1 : 1))) {
      const cause = actionableCause(incident, config.remedies.probability);
      const snapshot = observation.snapshot;
      const target =
        cause === undefined || snapshot === undefined
          ? undefined
          : targetOfCause(cause, snapshot, observation.workloadOfService);
      const view = target === undefined ? undefined : views.get(workloadKey(target));
      if (cause === undefined || target === undefined || view === undefined || !isUpToDate(view)) continue;
      const open = book.openFor(target, 'diagnosis');
      const answer = state.answered.get(incident.id);
      // One answer to an incident: it stays open as long as the diagnosis does, and is not repeated once taken.
      if (answer !== undefined) {
        if (open?.id === answer) book.propose(open, atMs);
        continue;
      }
      if (open !== undefined) continue;
      const remedy = remedyFor(incident, cause, view, judgeReplicas(view, config, latencySloOf(target)), config);
      if ('none' in remedy) {
        unanswered.add(1, { code: cause.code });
        continue;
      }
      state.answered.set(incident.id, book.propose(remedy.draft, atMs).id);
      noteScale(view, remedy.draft.changes);
    }
  }

  function lookAhead(key: string, view: WorkloadView, atMs: number): void {
    const { track, workload } = view;
    const judgement = judgeReplicas(view, config, latencySloOf(workload.ref));
    const open = book.openFor(workload.ref, 'forecast');
    const scale = scaleWithLoad(view, judgement, open, config);
    if (!isUpToDate(view) || (state.quiet.get(key) ?? 0) > atMs) return;
    const busy = book.openFor(workload.ref, 'diagnosis') !== undefined || isIll(key);
    const draft = busy ? undefined : (scale ?? growWithMemory(view, config));
    if (draft !== undefined) {
      book.propose(draft, atMs);
      noteScale(view, draft.changes);
    } else if (open !== undefined && view.listed && judgement !== undefined) {
      book.withdraw(open, atMs);
    }
    if (busy || draft !== undefined || atMs - track.lastSearchMs < config.search.intervalSeconds * 1000) return;
    track.lastSearchMs = atMs;
    const search = rightSize(view, judgement, config);
    const openSearch = book.openFor(workload.ref, 'search');
    if (search !== undefined) book.propose(search, atMs);
    else if (openSearch !== undefined) book.withdraw(openSearch, atMs);
  }

  // A workload that an open incident blames for something other than load is not to be scaled: its usage is an effect
  // (a collector near its limit burns CPU), and replicas would only delay the remedy.
  function isIll(key: string): boolean {
    const { snapshot } = observation;
    if (snapshot === undefined) return false;
    for (const incident of state.incidents.values()) {
      const cause = actionableCause(incident, config.remedies.probability);
      if (cause === undefined || loadCauses.has(cause.code)) continue;
      const target = targetOfCause(cause, snapshot, observation.workloadOfService);
      if (target !== undefined && workloadKey(target) === key) return true;
    }
    return false;
  }

  // A listing from before the last action shows a world that is no more.
  function isUpToDate({ listed, track }: WorkloadView): boolean {
    return listed && (observation.snapshot?.atMs ?? 0) >= track.actedMs;
  }

  function noteScale({ track }: WorkloadView, changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.type !== 'scale' || track.proposedReplicas.includes(change.to)) continue;
      track.proposedReplicas.push(change.to);
      if (track.proposedReplicas.length > rememberedReplicas) track.proposedReplicas.shift();
    }
  }

  function noteIncident(incident: Incident): void {
    if (incident.state === 'open') {
      state.incidents.set(incident.id, incident);
      return;
    }
    state.incidents.delete(incident.id);
    const answer = state.answered.get(incident.id);
    const open = book.all().find(({ id }) => id === answer);
    if (open !== undefined) book.withdraw(open, toEpochMs(incident.updatedAt));
    state.answered.delete(incident.id);
  }

  return {
    observe(input: TunerInput) {
      observation.observe(input);
      for (const incident of input.incidents) noteIncident(incident);
    },
    advance(watermarkMs) {
      const stepMs = config.evaluateSeconds * 1000;
      const dueMs = Math.floor(watermarkMs / stepMs) * stepMs;
      if (dueMs > state.lastMs) {
        state.lastMs = dueMs;
        evaluate(dueMs);
      }
      const revisions = book.drain();
      for (const { source, state: reached } of revisions) proposed.add(1, { source, state: reached });
      return revisions;
    },
    learn: (action: Action) => learnFrom(action, { observation, book, state }),
    save: () => Buffer.concat([...saveState({ observation, book, state })]),
    pieces: () => saveState({ observation, book, state }),
    load: (bytes) => loadState(bytes, { observation, book, state }),
  };
}
