import { KybernError, type SampleBatch } from '../../model/index.ts';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import { createTally, rejectedItems, type Tally } from '../intake/tally.ts';
import { createMetricIndex } from '../query-api/metric-index.ts';
import { readAnswer } from '../query-api/read-answer.ts';
import { createExpositionParser } from '../scrape/parse-exposition.ts';
import { createOpenMetricsParser } from '../scrape/parse-open-metrics.ts';
import { nowMs } from './door.ts';
import { ingestConfig } from './ingest-config.ts';
import { createMemoryTopic } from './memory-topic.ts';

/** Takes any bytes; throws only where a decoder does what it never may. */
export type FuzzTarget = (bytes: Uint8Array) => void;

interface FuzzCase {
  readonly run: FuzzTarget;
  /** Bodies that are right, to mutate. */
  readonly seeds: readonly Uint8Array[];
}

const limits = ingestConfig({ series: 10_000 }).limits;
const target = { own: [['job', 'fuzz']], honor: false } as const;

function textCase(create: typeof createExpositionParser, ...seeds: readonly string[]): FuzzCase {
  let parser = fresh();
  let runs = 0;

  function fresh() {
    return create(createSeriesCatalog(createMemoryTopic(), limits), limits, target);
  }

  return {
    seeds: seeds.map((seed) => Buffer.from(seed)),
    run(bytes) {
      // Known series take another way than new ones: both are to be walked.
      if (++runs % 1000 === 0) parser = fresh();
      const tally = createTally();
      check(tally, parser.parse(bytes, nowMs, tally));
    },
  };
}

function answerCase(): FuzzCase {
  const catalog = createSeriesCatalog(createMemoryTopic(), limits);
  const index = createMetricIndex(catalog, limits, target);
  const data = {
    resultType: 'matrix',
    result: [
      {
        metric: { __name__: 'up', job: 'a"b\\c' },
        values: [
          [1_764_072_000.5, '1'],
          [1_764_072_015, 'NaN'],
        ],
      },
      { values: [[1_764_072_000, '+Inf']], metric: { x: 'ü' }, histograms: [[1_764_072_000, { count: '1' }]] },
    ],
  };
  const answers = [
    { status: 'success', data, warnings: ['w'], infos: ['i'], isPartial: true },
    { status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value: [1, '2'] }] } },
    { status: 'success', data: { resultType: 'scalar', result: [1, '2'] } },
    { status: 'error', errorType: 'bad_data', error: 'parse error' },
  ];
  return {
    seeds: answers.map((answer) => Buffer.from(JSON.stringify(answer))),
    run(bytes) {
      const tally = createTally();
      const { columns } = readAnswer(
        bytes,
        { series: 100, points: 1000, latestMs: nowMs },
        (body, start, end) => index.find(0, '', body, start, end),
        () => 0,
        tally,
      );
      check(tally, columns.batch());
    },
  };
}

/** Every sample is accounted for, and what is taken is finite. */
function check(tally: Tally, batch: SampleBatch): void {
  const dropped = Object.values(tally.dropped).reduce((sum, count) => sum + count, 0);
  if (tally.received !== tally.accepted + rejectedItems(tally) + dropped || tally.accepted !== batch.count) {
    throw new Error(`not accounted for: ${JSON.stringify(tally)}`);
  }
  if (!batch.values.every(Number.isFinite) || !batch.timesMs.every(Number.isFinite)) throw new Error('not finite');
}

function pullFuzzCases(): Readonly<Record<string, FuzzCase>> {
  return {
    'scrape-text': textCase(
      createExpositionParser,
      '# HELP a text\n# TYPE a histogram\na_bucket{le="1"} 1\na_bucket{le="+Inf"} 2 1764072000000\na_sum 3\na_count 2\n',
      '{"a.b","c d"="e\\"f\\\\g\\n"} -1.5e-3\n# TYPE "a.b" counter\n  x { y = "z" , } +Inf\n',
    ),
    'scrape-openmetrics': textCase(
      createOpenMetricsParser,
      '# TYPE a histogram\n# UNIT a \na_bucket{le="1"} 1 # {t="x"} 0.5 1\na_bucket{le="+Inf"} 2\na_sum 3\na_count 2\n# EOF\n',
      '# TYPE s summary\ns{quantile="0.5"} 1 1764072000.5\ns_count 1 1764072000.5\n# TYPE b stateset\nb{b="x"} 1\nc_total 1\n# EOF\n',
      '# TYPE "a.b" gauge\n{"a.b",x="1"} NaN\n# TYPE i info\ni_info{v="1"} 1\n# TYPE c counter\nc_total 1\nc_created 1\n# EOF',
    ),
    'query-answer': answerCase(),
  };
}

/** What Kybern fetches and reads: pages of both formats, answers of query APIs; by name, each used again and again. */
export function pullFuzzTargets(): Readonly<Record<string, FuzzTarget>> {
  const entries = Object.entries(pullFuzzCases());
  return Object.fromEntries(entries.map(([name, { run }]) => [name, codedOnly(run)]));
}

/** Bodies that are right, for each target: what mutation starts from. */
export function pullFuzzSeeds(): Readonly<Record<string, readonly Uint8Array[]>> {
  return Object.fromEntries(Object.entries(pullFuzzCases()).map(([name, { seeds }]) => [name, seeds]));
}

function codedOnly(run: FuzzTarget): FuzzTarget {
  return (bytes) => {
    try {
      run(bytes);
    } catch (error) {
      if (!(error instanceof KybernError)) throw error;
    }
  };
}
