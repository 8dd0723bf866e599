import {
  type Anomaly,
  type Feedback,
  type MaintenanceWindow,
  type Metrics,
  toEpochMs,
  toTimestamp,
  type VettedAnomalies,
  type VettingPolicy,
} from '../../model/index.ts';
import type { AlertBudgetState } from './alert-budget.ts';
import { dressAnomaly } from './dress-anomaly.ts';
import { createHolds, type HoldsDeps, strengthOf, type TeamHold } from './holds.ts';
import { likenessOfAnomaly } from './kind-of-deviation.ts';
import { createPolicyMetrics } from './policy-metrics.ts';
import { createRecentOnsets, type RecentOnset } from './recent-onsets.ts';

export interface PolicyDeps extends HoldsDeps {
  readonly metrics: Metrics;
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
  readonly version: number;
  /** Null before anything was seen. */
  readonly nowMs: number | null;
  readonly sweptMs: number | null;
  readonly openWindows: string;
  readonly known: readonly (readonly [string, Known])[];
  readonly feedback: readonly Feedback[];
  readonly windows: readonly MaintenanceWindow[];
  readonly budgets: Readonly<Record<string, AlertBudgetState>>;
  readonly onsets: readonly RecentOnset[];
}

const stateVersion = 1;
const sweepEveryMs = 10_000;
/** By then the detectors have cleared what seems to go on only because its series lags behind the others. */
const goesOnMs = 120_000;
/** What cleared may fire again as the same for this long. */
const rememberMs = 3_600_000;
const mostKnown = 5000;

/** The stage between the anomalies found and those told; see {@link VettingPolicy}. Throws KYBERN_CONFIG for windows that cannot be. */
export function createPolicy(deps: PolicyDeps): VettingPolicy {
  const { config, threshold } = deps;
  const holds = createHolds(deps);
  const { windows, feedback, teams } = holds;
  const settleMs = config.alsoMoved.seconds * 1000;
  const onsets = createRecentOnsets({ withinMs: settleMs, most: config.alsoMoved.most });
  const { vetted, limits, said, behind } = createPolicyMetrics(deps.metrics);
  let known = new Map<string, Known>();
  let nowMs = Number.NEGATIVE_INFINITY;
  let receivedMs = Number.NEGATIVE_INFINITY;
  let sweptMs = Number.NEGATIVE_INFINITY;
  let openWindows = '';
  let recorded: Anomaly[] = [];
  let told: Anomaly[] = [];

  function vetCleared(given: Anomaly): void {
    const entry = known.get(given.id);
    if (entry === undefined) {
      recorded.push(given);
      told.push(given);
      return;
    }
    entry.anomaly = dressAnomaly(given, entry.anomaly.suppressed, entry.anomaly);
    entry.seenMs = nowMs;
    recorded.push(entry.anomaly);
    if (entry.told) told.push(entry.anomaly);
  }

  function vetFiring(given: Anomaly): void {
    const before = known.get(given.id);
    const own = holds.teamOf(given);
    const anomaly = dressAnomaly(given, undefined, {
      alsoMoved: before?.anomaly.alsoMoved ?? [...onsets.near(given)],
      ...(before?.anomaly.toldAt === undefined ? {} : { toldAt: before.anomaly.toldAt }),
      ...(own === undefined ? {} : { team: own.team.name }),
    });
    const past = holds.byPast(anomaly, receivedMs - timeOf(given, before?.anomaly));
    // Of what was told once the end is told too, unless an operator wants to hear no more of it.
    const goesOn = before?.told === true && (before.anomaly.state === 'firing' || past === undefined);
    const suppressed = goesOn ? holds.byFeedback(anomaly) : (past ?? holds.byAny(anomaly, own, nowMs));
    const entry: Known = {
      anomaly: dressAnomaly(anomaly, suppressed, anomaly),
      told: suppressed === undefined,
      settled: before?.settled ?? false,
      seenMs: nowMs,
      ...(before?.strength === undefined ? {} : { strength: before.strength }),
    };
    spend(entry, own, before?.told !== true);
    if (before === undefined) {
      onsets.add(entry.anomaly);
      vetted.add(1, { outcome: suppressed?.by ?? 'told' });
    }
    known.set(given.id, entry);
    recorded.push(entry.anomaly);
    if (entry.told) told.push(entry.anomaly);
    else if (before?.told === true && before.anomaly.state === 'firing') told.push(asCleared(entry.anomaly));
  }

  /** What is held back for another reason spends no budget. */
  function spend(entry: Known, own: TeamHold | undefined, isNews: boolean): void {
    const { anomaly, strength: counted } = entry;
    if (own === undefined || !holds.isBudgeted(anomaly)) return;
    if (!entry.told && anomaly.suppressed?.by !== 'budget') return;
    entry.strength = strengthOf(anomaly, threshold);
    own.budget.count(toEpochMs(anomaly.onset), entry.strength, counted);
    if (entry.told && isNews) own.budget.tell(nowMs);
  }

  /** When what it tells came about, as far as is known: its detection stays that of its beginning. */
  function timeOf({ detectedAt }: Anomaly, before: Anomaly | undefined): number {
    const detectedMs = toEpochMs(detectedAt);
    if (before?.clearedAt !== undefined) return Math.max(detectedMs, toEpochMs(before.clearedAt));
    return before === undefined || before.suppressed?.by === 'past' ? detectedMs : nowMs;
  }

  /** For whoever acts on it: what is held back from now on is over. */
  function asCleared(anomaly: Anomaly): Anomaly {
    return { ...anomaly, state: 'cleared', clearedAt: toTimestamp(nowMs) };
  }

  /** Asks again of one that fires on: it may be told now, or no longer. */
  function reconsider(entry: Known): void {
    const { anomaly } = entry;
    if (anomaly.state !== 'firing') return;
    const own = holds.teamOf(anomaly);
    const suppressed = entry.told
      ? holds.byFeedback(anomaly)
      : (holds.byPast(anomaly, receivedMs - nowMs) ?? holds.byAny(anomaly, own, nowMs));
    if (suppressed?.id === anomaly.suppressed?.id && suppressed?.by === anomaly.suppressed?.by) return;
    const wasTold = entry.told;
    // The time tells this revision from the one before it was held back: else it would be taken for that one, told again.
    entry.anomaly = dressAnomaly(anomaly, suppressed, { ...anomaly, toldAt: toTimestamp(nowMs) });
    entry.told = suppressed === undefined;
    if (entry.strength === undefined) spend(entry, own, true);
    recorded.push(entry.anomaly);
    if (entry.told) told.push(entry.anomaly);
    else if (wasTold) told.push(asCleared(entry.anomaly));
  }

  /** Tells what is found to go on in the present. */
  function catchUp(entry: Known, watermarkMs: number): void {
    const { anomaly, seenMs } = entry;
    if (anomaly.suppressed?.by !== 'past' || nowMs - seenMs < goesOnMs) return;
    if (holds.byPast(anomaly, receivedMs - watermarkMs) === undefined) reconsider(entry);
  }

  function settle(entry: Known): void {
    entry.settled = true;
    const alsoMoved = onsets.near(entry.anomaly);
    const same = (entry.anomaly.alsoMoved ?? []).map((one) => one.anomaly).join();
    if (alsoMoved.map((one) => one.anomaly).join() === same) return;
    const others = { ...entry.anomaly, alsoMoved: [...alsoMoved] };
    entry.anomaly = dressAnomaly(entry.anomaly, entry.anomaly.suppressed, others);
    recorded.push(entry.anomaly);
  }

  function sweep(watermarkMs: number): void {
    if (nowMs - sweptMs < sweepEveryMs) return;
    sweptMs = nowMs;
    behind.set(Math.max(0, receivedMs - watermarkMs) / 1000);
    for (const { team, budget } of teams) {
      budget.advance(nowMs);
      limits.set(budget.limit, { team: team.name });
    }
    for (const [id, entry] of known) {
      catchUp(entry, watermarkMs);
      if (!entry.settled && nowMs - toEpochMs(entry.anomaly.detectedAt) >= settleMs) settle(entry);
      const over = entry.anomaly.state === 'cleared' && nowMs - entry.seenMs > rememberMs;
      if (over || known.size > mostKnown) known.delete(id);
    }
  }

  function lookAtWindows(): void {
    const open = windows
      .open(nowMs)
      .map(({ id, revision }) => `${id}/${revision}`)
      .join();
    if (open === openWindows) return;
    openWindows = open;
    for (const entry of known.values()) if (entry.anomaly.suppressed?.by === 'maintenance') reconsider(entry);
  }

  function take(): VettedAnomalies {
    const taken = { recorded, told };
    recorded = [];
    told = [];
    return taken;
  }

  return {
    begin(atMs) {
      receivedMs = atMs;
    },
    vet(anomalies) {
      for (const anomaly of anomalies) {
        nowMs = Math.max(nowMs, toEpochMs(anomaly.detectedAt));
        if (anomaly.state === 'cleared') vetCleared(anomaly);
        else vetFiring(anomaly);
      }
      return take();
    },
    advance(watermarkMs) {
      nowMs = Math.max(nowMs, watermarkMs);
      lookAtWindows();
      sweep(watermarkMs);
      return take();
    },
    learn(decision) {
      said.add(1, { kind: decision.type === 'feedback' ? decision.value.verdict : 'maintenance' });
      if (decision.type === 'maintenance') {
        windows.put(decision.value);
        return;
      }
      const likeness = feedback.put(decision.value);
      for (const entry of known.values()) {
        const isPast = entry.anomaly.suppressed?.by === 'past';
        if (!isPast && likenessOfAnomaly(entry.anomaly) === likeness) reconsider(entry);
      }
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
        version: stateVersion,
        nowMs: finiteOrNull(nowMs),
        sweptMs: finiteOrNull(sweptMs),
        openWindows,
        known: [...known],
        feedback: feedback.save(),
        windows: windows.save(),
        budgets: holds.saveBudgets(),
        onsets: onsets.save(),
      };
      return new TextEncoder().encode(JSON.stringify(state));
    },
    load(bytes) {
      const state = parseState(bytes);
      if (state?.version !== stateVersion) return false;
      nowMs = state.nowMs ?? Number.NEGATIVE_INFINITY;
      sweptMs = state.sweptMs ?? Number.NEGATIVE_INFINITY;
      openWindows = state.openWindows;
      known = new Map(state.known);
      feedback.load(state.feedback);
      windows.load(state.windows);
      holds.loadBudgets(state.budgets);
      onsets.load(state.onsets);
      return true;
    },
  };
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function parseState(bytes: Uint8Array): PolicyState | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as PolicyState;
  } catch {
    return undefined;
  }
}
