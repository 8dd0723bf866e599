import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../engine/index.ts';
import { type EngineUnderTest, openEngineUnderTest } from '../support/bad-inputs/engine-under-test.ts';
import { goodPage, goodQuery, openFakeSource } from '../support/bad-inputs/fake-source.ts';
import { pages, queryAnswers } from '../support/bad-inputs/fetched.ts';
import { removeTemporaryDirectories } from '../support/kybern-process.ts';

// What Kybern fetches comes from others as well: each answer is read by the engine from a server that means ill.
let under: EngineUnderTest;
let source: Awaited<ReturnType<typeof openFakeSource>>;
let nowMs = Date.now() - 30 * 86_400_000;

beforeAll(async () => {
  source = await openFakeSource();
  const timeoutSeconds = 0.5;
  const limits = { bodyBytes: 8 * 2 ** 20 };
  under = await openEngineUnderTest(
    {
      scrape: [{ url: `${source.url}/metrics`, timeoutSeconds, limits }],
      queries: [{ url: source.url, match: ['{job="x"}'], name: 'fake', timeoutSeconds, limits }],
    },
    { now: () => nowMs, sleep: systemClock.sleep },
  );
});
afterAll(async () => {
  source.close();
  await under.engine.close();
  removeTemporaryDirectories();
});

const codes = ['KYBERN_BODY_UNREADABLE', 'KYBERN_UNAVAILABLE', 'KYBERN_BODY_TOO_LARGE', 'KYBERN_QUERY_REFUSED'];

/** What changed at the source and what was kept, by one look at it. */
async function looked(protocol: 'scrape' | 'query'): Promise<{ code: string; kept: number }> {
  const failuresOf = (code: string) =>
    protocol === 'scrape'
      ? under.total('kybern_scrape_failures_total', { code })
      : under.total('kybern_query_requests_total', { outcome: code });
  const state = async () => ({
    failures: await Promise.all(codes.map(failuresOf)),
    kept: await under.total('kybern_ingest_items_accepted_total', { protocol }),
  });
  const before = await state();
  // Beyond every pause after a failure.
  nowMs += 400_000;
  await under.engine.poll();
  const after = await state();
  const code = codes.find((_, index) => after.failures[index] > before.failures[index]) ?? '';
  return { code, kept: after.kept - before.kept };
}

describe('a page that is scraped', () => {
  test.each(pages)('%s', async (_what, answer, code, kept) => {
    source.answers.query = goodQuery;
    source.answers.page = answer;
    expect(await looked('scrape')).toEqual({ code, kept });
  });
});

describe('an answer of a query API', () => {
  test.each(queryAnswers)('%s', async (_what, answer, code, kept) => {
    source.answers.page = goodPage;
    source.answers.query = answer;
    expect(await looked('query')).toEqual({ code, kept });
  });
});

test('every sample is accounted for, and nothing was unexpected', async () => {
  await under.engine.settle();
  expect(await under.unaccounted()).toBe(0);
  expect(under.defects).toEqual([]);
});
