import type { Decision, DecisionType, SeriesDefinition, SignalBlock, StoreWriter } from '../../model/index.ts';
import type { Quarantine } from '../quarantine.ts';
import { documentOf } from '../stored-document.ts';
import type { Connection } from './connection.ts';
import { createFingerprintColumns } from './fingerprint-columns.ts';
import { type InsertBody, jsonBody } from './insert-body.ts';
import { insertSplitting } from './insert-splitting.ts';
import type { RollupMarks } from './rollup-marks.ts';
import { encodeBands, encodeLogs, encodeSamples, encodeSpans } from './signal-blocks.ts';

export const documentTables: Readonly<Record<DecisionType, string>> = {
  anomaly: 'anomalies',
  incident: 'incidents',
  proposal: 'proposals',
  action: 'actions',
  audit: 'audit',
  feedback: 'feedback',
  maintenance: 'maintenance',
};

/** The writing half of the store: one insert a table, each with a token of its own made from the block's. */
export function createClickHouseWriter(
  connection: Connection,
  quarantine: Quarantine,
  rollups: Pick<RollupMarks, 'mark'>,
): Omit<StoreWriter, 'close'> {
  const fingerprints = createFingerprintColumns();
  /** Fingerprints that the table of series has, by number: most series of a block are looked up here each time. */
  const defined: (string | undefined)[] = [];

  async function writeSignals(block: SignalBlock, token: string): Promise<void> {
    fingerprints.learn(block.definitions);
    await writeDefinitions(block.definitions, token);
    // Marked before, so that no crash leaves hours unmarked, and after, since they may have been rolled up in between.
    await rollups.mark(block.samples);
    await write('samples', encodeSamples(block.samples, fingerprints), token);
    await rollups.mark(block.samples);
    await write('bands', encodeBands(block.bands, fingerprints), token);
    await write('logs', encodeLogs(block.logs, fingerprints), token);
    await write('spans', encodeSpans(block.spans, fingerprints), token);
  }

  async function write(table: string, body: InsertBody | undefined, token: string): Promise<void> {
    if (body !== undefined) await insertSplitting(connection, quarantine, { table, body, token });
  }

  async function writeDefinitions(definitions: readonly SeriesDefinition[], token: string): Promise<void> {
    const fresh = definitions.filter(({ id, fingerprint }) => defined[id] !== fingerprint);
    if (fresh.length === 0) return;
    // The token names what is in it: after a restart the same range may meet other definitions that are new.
    const named = `${token} ${fresh.map((definition) => definition.fingerprint).join()}`;
    await write('series', jsonBody(fresh.map(seriesRow)), named);
    for (const { id, fingerprint } of fresh) defined[id] = fingerprint;
  }

  async function writeDecisions(decisions: readonly Decision[], token: string): Promise<void> {
    for (const [type, table] of Object.entries(documentTables)) {
      const rows = decisions.filter((decision) => decision.type === type).map(documentRow);
      await write(table, jsonBody(rows), token);
    }
  }

  return { writeSignals, writeDecisions };
}

function seriesRow(definition: SeriesDefinition) {
  return {
    fingerprint: BigInt(`0x${definition.fingerprint}`).toString(),
    metric: definition.name,
    kind: definition.kind,
    unit: definition.unit,
    origin: definition.origin,
    entity_kind: definition.entity.kind,
    entity_namespace: definition.entity.namespace,
    entity_name: definition.entity.name,
    labels: Object.fromEntries(definition.labels),
  };
}

function documentRow(decision: Decision) {
  const { id, revision, state, atMs, untilMs, about, sequence, value } = documentOf(decision);
  // A whole number for a DateTime64 is read as ticks, here milliseconds.
  return { id, revision, state, at: atMs, until: untilMs, about, sequence, document: JSON.stringify(value) };
}
