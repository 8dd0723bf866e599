import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Door, doorsOf } from '../support/bad-inputs/doors.ts';
import { type EngineUnderTest, openEngineUnderTest } from '../support/bad-inputs/engine-under-test.ts';
import { envelopes } from '../support/bad-inputs/envelopes.ts';
import { jsonTexts } from '../support/bad-inputs/json-texts.ts';
import { logLines } from '../support/bad-inputs/log-lines.ts';
import { messages } from '../support/bad-inputs/messages.ts';
import { activeSeriesPerMetric, histograms, series, writeSymbols } from '../support/bad-inputs/metric-items.ts';
import type { Row } from '../support/bad-inputs/row.ts';
import { spans } from '../support/bad-inputs/spans.ts';
import { removeTemporaryDirectories } from '../support/kybern-process.ts';

let under: EngineUnderTest;
let doors: Readonly<Record<string, Door>>;

beforeAll(async () => {
  under = await openEngineUnderTest({ limits: { activeSeriesPerMetric } });
  doors = doorsOf(under);
});
afterAll(async () => {
  await under.engine.close();
  removeTemporaryDirectories();
});

/** Items that were kept so far, by protocol. */
const keptBefore = new Map<string, number>();

/** Sends the input and then something good: what came of both, as one line for the table. */
async function tried(door: Door, row: Row): Promise<string> {
  const { protocol, answers } = door;
  const startMs = performance.now();
  const answer = await door.send(row.send(door));
  const tookMs = performance.now() - startMs;
  const total = await under.total('kybern_ingest_items_accepted_total', { protocol });
  const kept = total - (keptBefore.get(protocol) ?? 0);
  const good = await door.send(door.pack(door.good()));
  // That the good one was kept, the next count shows.
  keptBefore.set(protocol, total + 1);
  const goes = good === answers.accepted ? '' : `, then ${good}`;
  return `${door.name}: ${answer}, ${kept} kept${goes}${tookMs > 5000 ? `, ${Math.round(tookMs)} ms` : ''}`;
}

function expected(door: Door, row: Row): string {
  const given = typeof row.kept === 'function' ? row.kept(door) : row.kept;
  const kept = given ?? (row.answer === 'accepted' ? 1 : 0);
  const answer = typeof row.answer === 'function' ? row.answer(door) : door.answers[row.answer];
  return `${door.name}: ${answer}, ${kept} kept`;
}

describe.each([
  ['the envelope', envelopes],
  ['JSON', jsonTexts],
  ['labels, samples, cardinality', series],
  ['histograms', histograms],
  ['symbols', writeSymbols],
  ['logs', logLines],
  ['traces', spans],
  ['events and alerts', messages],
])('bad inputs: %s', (_group, rows) => {
  test.each(rows)('$what', async (row) => {
    const meant = Object.values(doors).filter(row.to);
    const answers: string[] = [];
    for (const door of meant) answers.push(await tried(door, row));
    expect(answers).toEqual(meant.map((door) => expected(door, row)));
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

test('every item is accounted for, nothing was unexpected, and all that was kept can be analysed', async () => {
  await under.engine.settle();
  expect(await under.unaccounted()).toBe(0);
  expect(under.defects).toEqual([]);
});
