import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyAuditChain } from '../../actuator/index.ts';
import type { WorldJournalEntry } from '../../datasets/simulator/index.ts';
import { readDecisions, withDefaults } from '../../engine/index.ts';
import { openSegmentLog } from '../../ingest/log/index.ts';
import {
  type Anomaly,
  type AuditRecord,
  type Decision,
  decisionKey,
  entityKey,
  type Incident,
  noMetrics,
  type Proposal,
  type Store,
} from '../../model/index.ts';
import { openStore, StoreConfig } from '../../store/index.ts';
import type { Ledger } from './kill-ledger.ts';

/** What a data directory holds after its program has ended, held against the ledgers. */
export interface DataDirVerdict {
  readonly lost: number;
  readonly doubled: number;
  readonly foreign: number;
  readonly decisions: readonly Decision[];
  readonly doubledDecisions: readonly string[];
  /** Ids of anomalies that hold while another one of the same series and detector does. */
  readonly overlappingAnomalies: readonly string[];
  /** Ids of incidents with the same symptom and start as another one. */
  readonly twinIncidents: readonly string[];
  /** Incidents with more than one proposal that answers their diagnosis. */
  readonly answeredTwice: readonly string[];
  /** Writes to the demo's cluster, in order, as its own journal has them. */
  readonly writes: readonly WorldJournalEntry[];
  /** Actions whose writes and audited outcomes do not match one to one, or that were written without an intent. */
  readonly mismatchedWrites: readonly string[];
  readonly auditComplaint: string | undefined;
}

/** That of a program that lost and doubled nothing. */
export const cleanVerdict: Omit<DataDirVerdict, 'decisions' | 'writes'> = {
  lost: 0,
  doubled: 0,
  foreign: 0,
  doubledDecisions: [],
  overlappingAnomalies: [],
  twinIncidents: [],
  answeredTwice: [],
  mismatchedWrites: [],
  auditComplaint: undefined,
};

export async function checkDataDir(directory: string, ledgers: readonly Ledger[]): Promise<DataDirVerdict> {
  const config = withDefaults(StoreConfig, {}) as StoreConfig;
  const store = await openStore({ config, directory: join(directory, 'store'), metrics: noMetrics });
  try {
    const decisions = await decisionsOf(directory);
    const audit = decisions.flatMap((decision) => (decision.type === 'audit' ? [decision.value] : []));
    const verdict = verifyAuditChain(audit);
    const writes = writesOfWorld(directory);
    const counts = await Promise.all(ledgers.map((ledger) => countSamples(store, ledger)));
    const sum = (name: keyof SampleCounts) => counts.reduce((total, count) => total + count[name], 0);
    return {
      lost: sum('lost'),
      doubled: sum('doubled'),
      foreign: sum('foreign'),
      decisions,
      doubledDecisions: repeated(decisions.map(decisionKey)),
      overlappingAnomalies: overlapping(latest(decisions, 'anomaly') as Anomaly[]),
      twinIncidents: repeated(
        (latest(decisions, 'incident') as Incident[]).map((one) => `${entityKey(one.symptom)} ${one.startedAt}`),
      ),
      answeredTwice: repeated(
        (latest(decisions, 'proposal') as Proposal[])
          .filter(({ source }) => source === 'diagnosis')
          .map(({ incidentId }) => incidentId ?? ''),
      ),
      writes,
      mismatchedWrites: mismatched(writes, audit),
      auditComplaint: verdict.ok ? undefined : JSON.stringify(verdict),
    };
  } finally {
    await store.close();
  }
}

/** Without what made the world go live; empty where there is no demo. */
export function writesOfWorld(directory: string): WorldJournalEntry[] {
  const path = join(directory, 'world.jsonl');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.flatMap((line) => {
    if (!line.startsWith('{"write":') || !line.endsWith('}')) return [];
    const { write } = JSON.parse(line) as { write: WorldJournalEntry };
    return write.write.type === 'go-live' ? [] : [write];
  });
}

async function decisionsOf(directory: string): Promise<Decision[]> {
  const log = await openSegmentLog({
    directory: join(directory, 'log'),
    segmentBytes: 64 << 20,
    retentionBytes: 1 << 30,
    metrics: noMetrics,
  });
  try {
    const decisions: Decision[] = [];
    for await (const decision of readDecisions(log.topic('decisions'), 0)) decisions.push(decision);
    return decisions;
  } finally {
    await log.close();
  }
}

export interface SampleCounts {
  readonly lost: number;
  readonly doubled: number;
  readonly foreign: number;
}

/** What of a ledger a store lacks, has twice, or has with another value. */
export async function countSamples(store: Store, ledger: Ledger): Promise<SampleCounts> {
  const endMs = ledger.startMs + ledger.acknowledged * ledger.tickMs;
  const all = await store.points({ metric: 'ledger.tick' }, ledger.startMs, endMs, 10_000_000, ledger.series * 2);
  const samplesOfRow = new Map<string, Map<number, number>>();
  let foreign = 0;
  for (const { labels, timesMs, values } of all) {
    const row = labels.row ?? '';
    const samples = samplesOfRow.get(row) ?? new Map<number, number>();
    samplesOfRow.set(row, samples);
    timesMs.forEach((timeMs, index) => {
      const tick = (timeMs - ledger.startMs) / ledger.tickMs;
      if (values[index] !== tick) foreign += 1;
      samples.set(tick, (samples.get(tick) ?? 0) + 1);
    });
  }
  let lost = (ledger.series - samplesOfRow.size) * ledger.acknowledged;
  let doubled = 0;
  for (const samples of samplesOfRow.values()) {
    for (const count of samples.values()) doubled += count - 1;
    for (let tick = 0; tick < ledger.acknowledged; tick++) if (!samples.has(tick)) lost += 1;
  }
  return { lost, doubled, foreign };
}

/** The latest revision of each. */
export function latest(decisions: readonly Decision[], type: Decision['type']): Decision['value'][] {
  const byId = new Map<string, Decision['value']>();
  for (const decision of decisions) if (decision.type === type) byId.set(decision.value.id, decision.value);
  return [...byId.values()];
}

/** Ids of anomalies that hold while another one of the same series and detector does. */
export function overlapping(anomalies: readonly Anomaly[]): string[] {
  const found: string[] = [];
  for (const own of Map.groupBy(anomalies, ({ series, detector }) => `${series} ${detector}`).values()) {
    const inOrder = own.toSorted((a, b) => Date.parse(a.onset) - Date.parse(b.onset));
    inOrder.slice(1).forEach((anomaly, index) => {
      const before = inOrder[index];
      const holds = before.clearedAt === undefined || Date.parse(before.clearedAt) > Date.parse(anomaly.onset);
      if (holds) found.push(`${before.id} (${before.onset} to ${before.clearedAt}), ${anomaly.id} (${anomaly.onset})`);
    });
  }
  return found;
}

// An action whose call never took effect is intended again through all gates, so intents may be more than writes.
function mismatched(writes: readonly WorldJournalEntry[], audit: readonly AuditRecord[]): string[] {
  const written = Map.groupBy(writes, ({ write }) => ('actionId' in write ? write.actionId : ''));
  written.delete('');
  const outcomes = audit.filter(({ event }) => event === 'action-applied' || event === 'action-reverted');
  const concluded = Map.groupBy(outcomes, ({ actionId }) => actionId ?? '');
  const intended = new Set(audit.filter(({ event }) => event === 'action-intended').map(({ actionId }) => actionId));
  return [...written].flatMap(([id, own]) => {
    const calls = [...Map.groupBy(own, ({ write }) => write.type).values()].map((group) => group.length);
    const recorded = concluded.get(id)?.length ?? 0;
    const matches = intended.has(id) && calls.every((count) => count === recorded);
    return matches ? [] : [`${id}: ${own.map(({ write }) => write.type)} written, ${recorded} outcomes recorded`];
  });
}

export function repeated(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}
