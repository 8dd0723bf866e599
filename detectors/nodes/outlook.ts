import { type Anomaly, toEpochMs } from '../../model/index.ts';
import type { NodesConfig } from './config.ts';
import { evictsFrom } from './evictions.ts';
import { createExhaustionLook, type Exhaustion } from './exhaustion.ts';
import { exhaustionWeights, healthWeights, probabilityOf } from './failure-odds.ts';
import { foretell, type Outlook, takeBack } from './foretell.ts';
import { hasCome } from './has-come.ts';
import { distinctTracks, leadingTrack } from './leading-track.ts';
import type { NodeBook } from './node-book.ts';
import { createHealthLook, type NodeHealth, waitingTimes } from './node-health.ts';
import type { NodeRecord } from './node-record.ts';
import type { NodeSeriesTable } from './node-series.ts';
import { describeExhaustion, describeHealth, nameOfTrack } from './phrases.ts';
import { lowestOf, recoveredFrom } from './recovered-high.ts';
import { type ResourceTrack, takeReadings } from './resource-track.ts';
import type { TrendPyramid } from './trend-pyramid.ts';

export interface OutlookDeps {
  readonly book: NodeBook;
  readonly table: NodeSeriesTable;
  readonly pyramid: TrendPyramid;
  readonly config: NodesConfig;
  readonly nameOfSeries: (series: number) => string;
  /** Is shown what each look rests on: for those who fit the weights. */
  readonly probe?: LookProbe;
}

export interface LookProbe {
  exhaustion(node: string, track: ResourceTrack, nowMs: number, found: Exhaustion): void;
  health(node: string, nowMs: number, found: NodeHealth): void;
  outlook(node: string, nowMs: number, probability: number): void;
}

/** What a trend says is void once its readings are older than this. */
const staleMs = 1_800_000;
/** A revision is told where the expected time or the doubt has halved since the last one. */
const newsFactor = 2;
/** Beside the leading ground another one is told from this probability on. */
const leastTold = 0.1;

/** Looks at every node and keeps what is foretold: raised when likely for some looks, taken back when unlikely for long. */
export function createOutlook({ book, table, pyramid, config, nameOfSeries, probe }: OutlookDeps) {
  const horizonMs = config.horizonSeconds * 1000;
  const lookAt = createExhaustionLook(pyramid, horizonMs, exhaustionWeights);
  const healthOf = createHealthLook(healthWeights);

  /** Whether the track has new readings, which its trend has then. */
  function hasTaken(node: NodeRecord, track: ResourceTrack): boolean {
    const known = track.resource === 'memory' ? node.memoryBytes : undefined;
    if (!takeReadings(track, table, pyramid, config.evaluateSeconds * 1000, known)) return false;
    node.heardMs = Math.max(node.heardMs, track.takenMs);
    return true;
  }

  function takeTrack(node: NodeRecord, track: ResourceTrack, nowMs: number): void {
    if (!hasTaken(node, track)) {
      if (nowMs - track.takenMs > staleMs) delete track.ahead;
      return;
    }
    const { used, steady, sinceMs, takenMs, recovered } = track;
    const standing = {
      nowMs: takenMs,
      used,
      steady,
      recoveredFrom: recoveredFrom(recovered),
      lowest: lowestOf(recovered),
      sinceMs,
    };
    const found = lookAt(track.row, standing);
    delete track.ahead;
    if (found === undefined) return;
    probe?.exhaustion(node.name, track, nowMs, found);
    const { logOdds, expectedMs, earliestMs, latestMs, overMs, growth } = found;
    track.ahead = { logOdds, expectedMs, earliestMs, latestMs, overMs, growth };
  }

  function outlookOf(node: NodeRecord, nowMs: number): Outlook | undefined {
    let byResource = 0;
    for (const track of node.tracks) {
      takeTrack(node, track, nowMs);
      if (track.ahead !== undefined) byResource = Math.max(byResource, probabilityOf(track.ahead.logOdds));
    }
    const health = healthOf(node, nowMs);
    probe?.health(node.name, nowMs, health);
    const byHealth = health.probability;
    const probability = 1 - (1 - byResource) * (1 - byHealth);
    probe?.outlook(node.name, nowMs, probability);
    if (probability < config.minimumConfidence / 2) return undefined;
    const evidence = distinctTracks(node.tracks.filter(isNamed)).map((track): [weight: number, text: string] => [
      probabilityOf(track.ahead!.logOdds),
      describeExhaustion(track, evictsFrom(track, node.tracks, config)),
    ]);
    if (byHealth >= leastTold) {
      const risk = node.risks.find(([slot]) => slot === health.worstSlot)?.[1];
      const worstRisk = risk && { metric: nameOfSeries(table.at(health.worstSlot).series), risk };
      evidence.push(...describeHealth(node, nowMs, worstRisk).map((text): [number, string] => [byHealth, text]));
    }
    const texts = evidence.sort(([a], [b]) => b - a).map(([, text]) => text);
    const before = node.anomaly?.state === 'firing' ? node.anomaly.ahead?.what : undefined;
    const leading = leadingTrack(node.tracks, byHealth, before);
    if (leading !== undefined) {
      const { expectedMs, earliestMs, latestMs, overMs } = leading.ahead!;
      const lagMs = nowMs - leading.takenMs;
      return {
        probability,
        what: nameOfTrack(leading),
        // Of what fell silent when it was nearly full the time is over, not past.
        expectedMs: Math.max(0, expectedMs - lagMs),
        earliestMs: Math.max(0, earliestMs - lagMs),
        latestMs: Math.max(0, latestMs - lagMs),
        sinceMs: leading.takenMs - overMs,
        evidence: texts,
      };
    }
    const times = waitingTimes(probability, horizonMs);
    return { probability, what: 'health', ...times, sinceMs: nowMs, evidence: texts };
  }

  function judge(node: NodeRecord, nowMs: number, out: Anomaly[]): void {
    const outlook = outlookOf(node, nowMs);
    const fresh = node.heardMs > node.lookedMs;
    const firing = node.anomaly?.state === 'firing';
    if (!fresh && !firing) return;
    node.lookedMs = Math.max(node.lookedMs, node.heardMs);
    const likely =
      outlook !== undefined &&
      outlook.probability >= config.minimumConfidence &&
      (firing || outlook.expectedMs >= config.minimumLeadSeconds * 1000);
    if (fresh) node.likelyLooks = likely ? node.likelyLooks + 1 : 0;
    // What has not come by the latest time that was told for it must be as likely as what is told for the first time.
    const isHere = firing && hasCome(node, staleMs);
    const isOverdue = firing && !isHere && nowMs > node.latestMs;
    const isExpected = isOverdue ? likely : outlook !== undefined;
    if (isExpected || isHere) node.unlikelySinceMs = nowMs;
    if (firing) {
      if (!isExpected && nowMs - node.unlikelySinceMs >= config.clearSeconds * 1000) {
        for (const track of node.tracks) delete track.foretold;
        tell(node, takeBack(node.anomaly!, nowMs), out);
      } else if (outlook !== undefined && likely && (isOverdue || isNews(node.anomaly!, outlook))) {
        tellAhead(node, outlook, nowMs, node.anomaly, out);
      }
    } else if (likely && node.likelyLooks >= config.persistentLooks) {
      const { anomaly } = node;
      const same =
        anomaly?.clearedAt !== undefined && nowMs - toEpochMs(anomaly.clearedAt) <= config.mergeSeconds * 1000;
      tellAhead(node, outlook, nowMs, same ? anomaly : undefined, out);
    }
  }

  function tellAhead(node: NodeRecord, outlook: Outlook, nowMs: number, before: Anomaly | undefined, out: Anomaly[]) {
    for (const track of node.tracks) if (isNamed(track)) track.foretold = true;
    node.latestMs = nowMs + outlook.latestMs;
    tell(node, foretell(node.name, outlook, nowMs, config.minimumConfidence, before), out);
  }

  function tell(node: NodeRecord, anomaly: Anomaly, out: Anomaly[]): void {
    node.anomaly = anomaly;
    out.push(anomaly);
  }

  return {
    /** Takes the readings of a node into its trends, and judges nothing. */
    learn(node: NodeRecord): void {
      for (const track of node.tracks) hasTaken(node, track);
    },
    /** `resumedMs` is the end of the latest pause in which nothing was heard of any node for as long as they are remembered. */
    look(nowMs: number, resumedMs: number, out: Anomaly[]): void {
      for (const node of book.all()) {
        judge(node, nowMs, out);
        const silentMs = nowMs - Math.max(node.heardMs, resumedMs);
        const isSilent = node.heardMs > 0 && silentMs > config.forgetSeconds * 1000;
        if (!isSilent && !node.gone) continue;
        if (node.anomaly?.state === 'firing') out.push(takeBack(node.anomaly, nowMs));
        for (const { row } of node.tracks) if (row >= 0) pyramid.free(row);
        table.release(node.name);
        book.forget(node.name);
      }
    },
  };
}

/** Whether it is among the grounds that are told. */
function isNamed({ ahead }: ResourceTrack): boolean {
  return ahead !== undefined && probabilityOf(ahead.logOdds) >= leastTold;
}

function isNews({ ahead }: Anomaly, outlook: Outlook): boolean {
  if (ahead === undefined) return true;
  const doubt = 1 - outlook.probability;
  return (
    outlook.what !== ahead.what ||
    outlook.expectedMs / 1000 < ahead.expectedSeconds / newsFactor ||
    doubt < (1 - ahead.confidence) / newsFactor / newsFactor
  );
}
