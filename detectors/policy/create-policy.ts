import {
  type Anomaly,
  createMatcher,
  type Feedback,
  type MaintenanceWindow,
  type Metrics,
  type SelectorSubject,
  type SeriesCatalog,
  type Suppression,
  toEpochMs,
  toTimestamp,
  type VettedAnomalies,
  type VettingPolicy,
} from '../../model/index.ts';
import type { ZoneClock } from '../calendar/index.ts';
import { type AlertBudget, type AlertBudgetState, createAlertBudget } from './alert-budget.ts';
import type { PolicyConfig } from './config.ts';
import { createFeedbackLimits } from './feedback-limits.ts';
import { likenessOfAnomaly } from './kind-of-deviation.ts';
import { createMaintenanceWindows } from './maintenance-windows.ts';
import { createRecentOnsets, type RecentOnset } from './recent-onsets.ts';

export interface PolicyDeps {
  readonly catalog: Pick<SeriesCatalog, 'find'>;
  readonly metrics: Metrics;
  readonly config: PolicyConfig;
  /** The detectors' threshold: scores are held against multiples of it. */
  readonly threshold: number;
  readonly calendar: ZoneClock;
}

/** An anomaly that may change yet. */
interface Known {
  /** Its latest revision, as recorded. */
  anomaly: Anomaly;
  told: boolean;
  /** Of its team's budget: what was counted of it. */
  strength?: number;
  /** What else moved is listed for good. */
  settled: boolean;
  seenMs: number;
}

interface PolicyState {
  readonly nowMs: number;
  readonly known: readonly (readonly [string, Known])[];
  readonly feedback: readonly Feedback[];
  readonly windows: readonly MaintenanceWindow[];
  readonly budgets: Readonly<Record<string, AlertBudgetState>>;
  readonly onsets: readonly RecentOnset[];
}

const stateVersion = 1;
/** What cleared may fire again as the same for this long. */
const rememberMs = 3_600_000;
const mostKnown = 5000;
/** Not a matter of chance, and rare enough: no budget holds these back. */
const beyondBudget = new Set(['slo', 'state']);

/** Throws KYBERN_CONFIG where a configured window cannot be. */
export function createPolicy(deps: PolicyDeps): VettingPolicy {
  const { config, threshold, metrics } = deps;
  const windows = createMaintenanceWindows(config.maintenance, deps.calendar);
  const feedback = createFeedbackLimits();
  const settleMs = config.alsoMoved.seconds * 1000;
  const onsets = createRecentOnsets({ withinMs: settleMs, most: config.alsoMoved.most });
  const teams = config.teams.map((team) => ({
    team,
    matches: createMatcher(team.match ?? {}),
    budget: createAlertBudget({ ...config.budget, alertsPerWeek: team.alertsPerWeek }),
  }));
  const vetted = metrics.counter(
    'kybern_detectors_vetted_anomalies_total',
    'Anomalies that began, by what became of them.',
    ['outcome'],
  );
  const limits = metrics.gauge(
    'kybern_detectors_alert_limit_ratio',
    'Limit that an alert budget sets, over the threshold.',
    ['team'],
  );
  const said = metrics.counter(
    'kybern_detectors_operator_words_total',
    'Feedback and maintenance taken in, undone or not.',
    ['kind'],
  );
  let known = new Map<string, Known>();
  let nowMs = Number.NEGATIVE_INFINITY;
  let sweptMs = Number.NEGATIVE_INFINITY;
  let openWindows = '';
  let recorded: Anomaly[] = [];
  let told: Anomaly[] = [];

  const subjectOf = ({ entity, metric, series }: Anomaly): SelectorSubject => ({
    entity,
    metric,
    labels: deps.catalog.find(series)?.labels ?? [],
  });

  function teamOf(subject: SelectorSubject) {
    return teams.find(({ matches }) => matches(subject));
  }

  function holdByFeedback(anomaly: Anomaly): Suppression | undefined {
    const latest = feedback.of(anomaly);
    if (latest?.verdict !== 'not_an_anomaly') return undefined;
    return { by: 'feedback', id: latest.id, reason: `${latest.by} said of the like that it is not an anomaly` };
  }

  function holdBack(
    anomaly: Anomaly,
    subject: SelectorSubject,
    budget: AlertBudget | undefined,
  ): Suppression | undefined {
    const window = windows.over(subject, nowMs);
    if (window !== undefined) return { by: 'maintenance', id: window.id, reason: `maintenance: ${window.reason}` };
    const byFeedback = holdByFeedback(anomaly);
    if (byFeedback !== undefined) return byFeedback;
    if (budget === undefined || budget.limit <= 1 || isBeyondBudget(anomaly)) return undefined;
    const limit = budget.limit * threshold;
    if (anomaly.score >= limit || feedback.of(anomaly) !== undefined) return undefined;
    const team = anomaly.team ?? '';
    return {
      by: 'budget',
      id: team,
      reason: `the alert budget of ${team} has no room for scores below ${limit.toPrecision(3)}`,
    };
  }

  function isBeyondBudget({ detector, ahead, score }: Anomaly): boolean {
    return ahead !== undefined || beyondBudget.has(detector) || score >= config.budget.alwaysTellFactor * threshold;
  }

  /** What the revision of a detector becomes: with what is known of the anomaly here. */
  function dress(
    anomaly: Anomaly,
    suppressed: Suppression | undefined,
    { alsoMoved = [], team, toldAt }: Pick<Anomaly, 'alsoMoved' | 'team' | 'toldAt'>,
  ): Anomaly {
    const { suppressed: _, alsoMoved: _moved, team: _team, toldAt: _at, ...bare } = anomaly;
    return {
      ...bare,
      ...(suppressed === undefined ? {} : { suppressed }),
      ...(suppressed !== undefined || toldAt === undefined ? {} : { toldAt }),
      ...(alsoMoved.length === 0 ? {} : { alsoMoved }),
      ...(team === undefined ? {} : { team }),
    };
  }

  function vetOne(given: Anomaly): void {
    nowMs = Math.max(nowMs, toEpochMs(given.detectedAt));
    const before = known.get(given.id);
    if (given.state === 'cleared') {
      if (before === undefined) {
        recorded.push(given);
        told.push(given);
        return;
      }
      before.anomaly = dress(given, before.anomaly.suppressed, before.anomaly);
      before.seenMs = nowMs;
      recorded.push(before.anomaly);
      if (before.told) told.push(before.anomaly);
      return;
    }
    const subject = subjectOf(given);
    const own = teamOf(subject);
    const budgeted = own !== undefined && given.ahead === undefined && !beyondBudget.has(given.detector);
    const anomaly = dress(given, undefined, {
      alsoMoved: before?.anomaly.alsoMoved ?? [...onsets.near(given)],
      ...(before?.anomaly.toldAt === undefined ? {} : { toldAt: before.anomaly.toldAt }),
      ...(own === undefined ? {} : { team: own.team.name }),
    });
    const suppressed = before?.told === true ? undefined : holdBack(anomaly, subject, own?.budget);
    const entry: Known = {
      anomaly: dress(anomaly, suppressed, anomaly),
      told: suppressed === undefined,
      settled: before?.settled ?? false,
      seenMs: nowMs,
    };
    // What is held back for another reason spends no budget.
    if (budgeted && (suppressed === undefined || suppressed.by === 'budget')) {
      entry.strength = given.score / threshold;
      own.budget.count(toEpochMs(given.onset), entry.strength, before?.strength);
    } else if (before?.strength !== undefined) entry.strength = before.strength;
    if (budgeted && entry.told && before?.told !== true) own.budget.tell(nowMs);
    if (before === undefined) {
      onsets.add(entry.anomaly);
      vetted.add(1, { outcome: suppressed?.by ?? 'told' });
    }
    known.set(given.id, entry);
    recorded.push(entry.anomaly);
    if (entry.told) told.push(entry.anomaly);
  }

  /** Asks again of one that fires on: it may be told now, or no longer. */
  function reconsider(entry: Known): void {
    const { anomaly } = entry;
    if (anomaly.state !== 'firing') return;
    const subject = subjectOf(anomaly);
    const suppressed = entry.told ? holdByFeedback(anomaly) : holdBack(anomaly, subject, teamOf(subject)?.budget);
    if (suppressed?.id === anomaly.suppressed?.id && suppressed?.by === anomaly.suppressed?.by) return;
    const wasTold = entry.told;
    // The time tells this revision from the one before it was held back: else it would be taken for that one, told again.
    entry.anomaly = dress(anomaly, suppressed, { ...anomaly, toldAt: toTimestamp(nowMs) });
    entry.told = suppressed === undefined;
    recorded.push(entry.anomaly);
    if (entry.told) told.push(entry.anomaly);
    else if (wasTold) told.push({ ...entry.anomaly, state: 'cleared', clearedAt: toTimestamp(nowMs) });
  }

  function settle(entry: Known): void {
    entry.settled = true;
    const alsoMoved = onsets.near(entry.anomaly);
    const same = (entry.anomaly.alsoMoved ?? []).map((one) => one.anomaly).join();
    if (alsoMoved.map((one) => one.anomaly).join() === same) return;
    entry.anomaly = dress(entry.anomaly, entry.anomaly.suppressed, { ...entry.anomaly, alsoMoved: [...alsoMoved] });
    recorded.push(entry.anomaly);
  }

  function sweep(): void {
    if (nowMs - sweptMs < 10_000) return;
    sweptMs = nowMs;
    for (const { team, budget } of teams) {
      budget.advance(nowMs);
      limits.set(budget.limit, { team: team.name });
    }
    for (const [id, entry] of known) {
      if (!entry.settled && nowMs - toEpochMs(entry.anomaly.detectedAt) >= settleMs) settle(entry);
      const over = entry.anomaly.state === 'cleared' && nowMs - entry.seenMs > rememberMs;
      if (over || known.size > mostKnown) known.delete(id);
    }
  }

  function take(): VettedAnomalies {
    const taken = { recorded, told };
    recorded = [];
    told = [];
    return taken;
  }

  return {
    vet(anomalies) {
      for (const anomaly of anomalies) vetOne(anomaly);
      return take();
    },
    advance(watermarkMs) {
      nowMs = Math.max(nowMs, watermarkMs);
      const open = windows
        .open(nowMs)
        .map(({ id, revision }) => `${id}/${revision}`)
        .join();
      if (open !== openWindows) {
        openWindows = open;
        for (const entry of known.values()) if (entry.anomaly.suppressed?.by === 'maintenance') reconsider(entry);
      }
      sweep();
      return take();
    },
    learn(decision) {
      said.add(1, { kind: decision.type === 'feedback' ? decision.value.verdict : 'maintenance' });
      if (decision.type === 'maintenance') {
        windows.put(decision.value);
        return;
      }
      const likeness = feedback.put(decision.value);
      for (const entry of known.values()) if (likenessOfAnomaly(entry.anomaly) === likeness) reconsider(entry);
    },
    budgets: () =>
      teams.map(({ team, budget }) => ({
        team: team.name,
        alertsPerWeek: team.alertsPerWeek,
        limit: budget.limit,
        ...budget.standing(nowMs),
      })),
    windows: () => {
      const open = new Set(windows.open(nowMs).map(({ id }) => id));
      return windows.all().map((window) => ({ ...window, open: open.has(window.id) }));
    },
    save() {
      const state: PolicyState = {
        nowMs,
        known: [...known],
        feedback: feedback.save(),
        windows: windows.save(),
        budgets: Object.fromEntries(teams.map(({ team, budget }) => [team.name, budget.save()])),
        onsets: onsets.save(),
      };
      return new TextEncoder().encode(JSON.stringify({ version: stateVersion, openWindows, sweptMs, ...state }));
    },
    load(bytes) {
      const state = JSON.parse(new TextDecoder().decode(bytes)) as PolicyState & {
        readonly version: number;
        readonly openWindows: string;
        readonly sweptMs: number | null;
      };
      if (state.version !== stateVersion) return false;
      nowMs = state.nowMs ?? Number.NEGATIVE_INFINITY;
      sweptMs = state.sweptMs ?? Number.NEGATIVE_INFINITY;
      openWindows = state.openWindows;
      known = new Map(state.known);
      feedback.load(state.feedback);
      windows.load(state.windows);
      onsets.load(state.onsets);
      // Of teams that are new nothing is known yet; those that are gone are forgotten.
      for (const { team, budget } of teams) {
        const saved = state.budgets[team.name];
        if (saved !== undefined) budget.load(saved);
      }
      return true;
    },
  };
}
