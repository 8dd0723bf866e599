import { join } from 'node:path';
import { verifyAuditChain } from '../../actuator/index.ts';
import { readDecisions, withDefaults } from '../../engine/index.ts';
import { openSegmentLog } from '../../ingest/log/index.ts';
import { type AuditRecord, type Decision, decisionKey, noMetrics, type Store } from '../../model/index.ts';
import { openStore, StoreConfig } from '../../store/index.ts';
import type { Ledger } from './kill-ledger.ts';

/** What a data directory holds after its program has ended, held against the ledger. */
export interface DataDirVerdict {
  readonly lost: number;
  readonly doubled: number;
  readonly foreign: number;
  readonly decisions: readonly Decision[];
  readonly doubledDecisions: readonly string[];
  readonly actionsIntendedTwice: readonly string[];
  readonly auditComplaint: string | undefined;
}

export async function checkDataDir(directory: string, ledger: Ledger): Promise<DataDirVerdict> {
  const config = withDefaults(StoreConfig, {}) as StoreConfig;
  const store = await openStore({ config, directory: join(directory, 'store'), metrics: noMetrics });
  try {
    const decisions = await decisionsOf(directory);
    const keys = decisions.map(decisionKey);
    const audit = decisions.flatMap((decision) => (decision.type === 'audit' ? [decision.value] : []));
    const verdict = verifyAuditChain(audit);
    return {
      ...(await countSamples(store, ledger)),
      decisions,
      doubledDecisions: keys.filter((key, index) => keys.indexOf(key) !== index),
      actionsIntendedTwice: intendedTwice(audit),
      auditComplaint: verdict.ok ? undefined : JSON.stringify(verdict),
    };
  } finally {
    await store.close();
  }
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

async function countSamples(store: Store, ledger: Ledger): Promise<{ lost: number; doubled: number; foreign: number }> {
  const endMs = ledger.startMs + ledger.acknowledged * ledger.tickMs;
  const all = await store.points({ metric: 'ledger.tick' }, ledger.startMs, endMs, 10_000_000, ledger.series + 1);
  let lost = (ledger.series - all.length) * ledger.acknowledged;
  let doubled = 0;
  let foreign = 0;
  for (const { timesMs, values } of all) {
    const seen = new Set<number>();
    timesMs.forEach((timeMs, index) => {
      const tick = (timeMs - ledger.startMs) / ledger.tickMs;
      if (seen.has(tick)) doubled += 1;
      seen.add(tick);
      if (values[index] !== tick) foreign += 1;
    });
    for (let tick = 0; tick < ledger.acknowledged; tick++) if (!seen.has(tick)) lost += 1;
  }
  return { lost, doubled, foreign };
}

function intendedTwice(audit: readonly AuditRecord[]): string[] {
  const intents = audit.filter(({ event }) => event === 'action-intended').map(({ actionId }) => actionId ?? '');
  return intents.filter((id, index) => intents.indexOf(id) !== index);
}
