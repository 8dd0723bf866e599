import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KybernError } from '../../model/index.ts';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import { createTally } from '../intake/tally.ts';
import { nowMs } from '../testing/door.ts';
import { ingestConfig } from '../testing/ingest-config.ts';
import { createMemoryTopic } from '../testing/memory-topic.ts';
import { createOpenMetricsParser } from './parse-open-metrics.ts';

function parserOf() {
  const limits = ingestConfig().limits;
  const catalog = createSeriesCatalog(createMemoryTopic(), limits);
  const parser = createOpenMetricsParser(catalog, limits, { own: [], honor: false });
  return {
    parser,
    parse(page: string) {
      const tally = createTally();
      const batch = parser.parse(Buffer.from(page), nowMs, tally);
      const samples = Array.from({ length: batch.count }, (_, row) => {
        const { name, kind, unit, labels } = catalog.get(batch.series[row]);
        const inside = labels.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(',');
        return `${kind} ${name}{${inside}}${unit} ${batch.values[row]} @${batch.timesMs[row] - nowMs}`;
      });
      return { samples, tally };
    },
  };
}

const seconds = nowMs / 1000;
const page = `# TYPE rpc_seconds counter
# UNIT rpc_seconds seconds
# HELP rpc_seconds Time \\"spent\\".
rpc_seconds_total{code="200"} 12.5 ${seconds - 2}
rpc_seconds_created{code="200"} 1600000000.1 ${seconds - 2}
rpc_seconds_total{code="500"} 1 # {trace_id="ab",span_id="\\"c"} 0.25 ${seconds}
# TYPE latency histogram
latency_bucket{le="0.1"} 2
latency_bucket{le="+Inf"} 3 # {} 9
latency_count 3
latency_sum 4.5
# TYPE queue gaugehistogram
queue_bucket{le="-1"} 1
queue_bucket{le="+Inf"} 2
queue_gcount 2
queue_gsum -3
# TYPE age summary
age{quantile="0.5"} 3
age{quantile="1"} NaN
age_count 2
age_sum 7
# TYPE build info
build_info{version="1"} 1
# TYPE state stateset
state{state="on"} 1
state{state="off"} 0
# TYPE "http.server.requests" gauge
{"http.server.requests","service.name"="cart"} -Inf
untold{x="a\\\\b\\nc\\z"} 1
other_total 5
# EOF
`;

describe('a page in OpenMetrics', () => {
  test('becomes samples with kinds and units by its metadata; start times are dropped, exemplars counted', () => {
    const { parse, parser } = parserOf();
    for (const text of [page, page, page.trimEnd()]) {
      const { samples, tally } = parse(text);
      expect(samples).toEqual([
        'counter rpc_seconds_total{code="200"}seconds 12.5 @-2000',
        'counter rpc_seconds_total{code="500"}seconds 1 @0',
        'counter latency_bucket{le="0.1"} 2 @0',
        'counter latency_bucket{le="+Inf"} 3 @0',
        'counter latency_count{} 3 @0',
        'counter latency_sum{} 4.5 @0',
        'gauge queue_bucket{le="-1"} 1 @0',
        'gauge queue_bucket{le="+Inf"} 2 @0',
        'gauge queue_gcount{} 2 @0',
        'gauge queue_gsum{} -3 @0',
        'gauge age{quantile="0.5"} 3 @0',
        'counter age_count{} 2 @0',
        'counter age_sum{} 7 @0',
        'gauge build_info{version="1"} 1 @0',
        'gauge state{state="on"} 1 @0',
        'gauge state{state="off"} 0 @0',
        'gauge untold{x="a\\\\b\\nc\\\\z"} 1 @0',
        'counter other_total{} 5 @0',
      ]);
      expect(tally).toMatchObject({ received: 21, accepted: 18, dropped: { created: 1, nan: 1, infinite: 1 } });
    }
    expect(parser.exemplars).toBe(6);
  });

  const good: readonly (readonly [string, string])[] = [
    ['without a line of metadata', 'a 1\nb{} 2\n'],
    ['with metadata alone, empty where it may be', '# TYPE a gauge\n# HELP a \n# UNIT a \n'],
    ['with an empty label value and a hash in another', 'a{x="",y="# {} 1"} 1\n'],
    ['with braces, commas and quotes in a label value', 'a{x="},{\\"="} 1\n'],
    ['with numbers of every form', 'a 1e-3\nb +1\nc 0001.50\nd .5\ne inf\nf nAn\ng 18446744073709551615\n'],
    ['with the same time again, as one cut to seconds would be', '# TYPE a gauge\na 1 5\na 2 5\n'],
    ['with an info of two sets of labels, times in any order', '# TYPE a info\na_info{v="1"} 1 5\na_info{v="2"} 1 4\n'],
    [
      'with bounds of any spelling but of infinity',
      '# TYPE a histogram\na_bucket{le="1"} 1\na_bucket{le="2e0"} 1\na_bucket{le="+Inf"} 1\n',
    ],
    ['with a negative bound and no sum', '# TYPE a histogram\na_bucket{le="-1"} 1\na_bucket{le="+Inf"} 1\n'],
    [
      'with an exemplar of 128 characters, whatever their bytes',
      `# TYPE a counter\na_total 1 # {x="${'é'.repeat(127)}"} 1\n`,
    ],
    ['with a NUL in a label value', 'a{x="\0"} 1\n'],
  ];
  test.each(good)('%s is taken', (_what, text) => {
    expect(() => parserOf().parse(`${text}# EOF`)).not.toThrow();
  });

  const bad: Readonly<Record<string, readonly string[]>> = {
    'blank lines and stray text': [
      '\n',
      'a 1\n\n',
      ' a 1\n',
      'a 1\r\n',
      '# a comment\n',
      '#\n',
      'a 1\n# EOF\n',
      '<html>\n',
    ],
    metadata: [
      '# HELP\n',
      '# HELP \n',
      '# HELP a\n',
      '# HELP a\t\n',
      ' # HELP a x\n',
      '# HELP  a x\n',
      '# TYPE a\n',
      '# TYPE a \n',
      '# TYPE a meh\n',
      '# TYPE a gauge \n',
      '# TYPE a untyped\n',
      '# TYPE 1a gauge\n',
      '# UNIT a\n',
      '# UNIT a seconds\n',
      '# UNIT a_seconds seconds \n',
      '# TYPE x_u info\n# UNIT x_u u\n',
      '# TYPE x_u stateset\n# UNIT x_u u\n',
      '# HELP a x\n# HELP a x\n',
      '# TYPE a gauge\n# TYPE a gauge\n',
      '# UNIT a_s s\n# UNIT a_s s\n',
    ],
    'families in pieces': [
      'a 1\nb 1\na 2\n',
      '# TYPE a gauge\na 1\n# HELP a x\n',
      '# TYPE a counter\na_total 1\n# TYPE b gauge\nb 1\n# TYPE a counter\n',
      '# TYPE a counter\na_total 1\n# TYPE a_total gauge\n',
      '# TYPE a histogram\n# TYPE a_count gauge\n',
      '# TYPE a_created gauge\n# TYPE a counter\na_total 1\n',
    ],
    'metrics in pieces': [
      '# TYPE a gauge\na{x="1"} 1\na{x="2"} 1\na{x="1"} 2\n',
      '# TYPE a gauge\na 1 5\na 1 4\n',
      '# TYPE a gauge\na 1 5\na 1\n',
      '# TYPE a gauge\na 1\na 1 5\n',
      '# TYPE a summary\na_sum{x="1"} 1\na_sum{x="2"} 1\na_count{x="1"} 1\n',
      '# TYPE a stateset\na{a="x",b="1"} 1\na{a="x",b="2"} 1\na{a="y",b="1"} 0\n',
    ],
    names: ['0a 1\n', 'a.b 1\n', 'a-b 1\n', '{x="1"} 1\n', '{"a","b"} 1\n', 'a{"b"} 1\n', '{} 1\n'],
    labels: [
      'a{x=1} 1\n',
      'a{x="1} 1\n',
      "a{x='1'} 1\n",
      'a{x} 1\n',
      'a{x=} 1\n',
      'a{="1"} 1\n',
      'a{x="1"y="2"} 1\n',
      'a{x="1",,y="2"} 1\n',
      'a{x="1",} 1\n',
      'a{,x="1"} 1\n',
      'a{,} 1\n',
      'a{x="1",x="2"} 1\n',
      'a{1x="1"} 1\n',
      'a{x.y="1"} 1\n',
      'a{x:y="1"} 1\n',
      'a{ x="1"} 1\n',
      'a{x="1" } 1\n',
      'a{""="1"} 1\n',
      'a{x="1"}1\n',
      'a {x="1"} 1\n',
      'a{x="1"',
    ],
    values: [
      'a\n',
      'a \n',
      'a  1\n',
      'a 1 \n',
      'a 1\t\n',
      'a\t1\n',
      'a one\n',
      'a 1_0\n',
      'a 0x10\n',
      'a 0b1\n',
      'a 0o7\n',
      'a 1,5\n',
      'a +-1\n',
      'a infi\n',
      'a ١\n',
    ],
    times: [
      'a 1 z\n',
      'a 1 1z\n',
      'a 1 1.1.1\n',
      'a 1 NaN\n',
      'a 1 +Inf\n',
      'a 1 -Inf\n',
      'a 1 1_0\n',
      'a 1 0x5\n',
      'a 1  5\n',
      'a 1 5 \n',
    ],
    counters: [
      '# TYPE a counter\na_total NaN\n',
      '# TYPE a counter\na_total -1\n',
      '# TYPE a histogram\na_bucket{le="+Inf"} NaN\n',
      '# TYPE a histogram\na_bucket{le="+Inf"} -1\n',
      '# TYPE a summary\na_sum NaN\n',
      '# TYPE a summary\na_sum -1\n',
      '# TYPE a summary\na_count -1\n',
      '# TYPE a summary\na_count 1.5\n',
      '# TYPE a gaugehistogram\na_bucket{le="+Inf"} 1\na_gcount 1\na_gsum NaN\n',
      '# TYPE a summary\na{quantile="0.5"} -1\n',
    ],
    'info and stateset': [
      '# TYPE a info\na_info 2\n',
      '# TYPE a info\na_info 0\n',
      '# TYPE a stateset\na{a="x"} 2\n',
      '# TYPE a stateset\na{b="x"} 1\n',
      '# TYPE a stateset\na 1\n',
      '# TYPE a stateset\na{a="x"} NaN\n',
    ],
    'labels of a type': [
      '# TYPE a histogram\na_bucket 1\n',
      '# TYPE a histogram\na_bucket{le="x"} 1\n',
      '# TYPE a histogram\na_bucket{le="NaN"} 1\n',
      '# TYPE a histogram\na_bucket{le="INF"} 1\n',
      '# TYPE a histogram\na_bucket{le="Inf"} 1\n',
      '# TYPE a summary\na 1\n',
      '# TYPE a summary\na{quantile="-1"} 1\n',
      '# TYPE a summary\na{quantile="1.01"} 1\n',
      '# TYPE a summary\na{quantile="x"} 1\n',
      '# TYPE a summary\na{quantile="NaN"} 1\n',
    ],
    histograms: [
      '# TYPE a histogram\na_sum 1\n',
      '# TYPE a histogram\na_count 1\na_sum 1\n',
      '# TYPE a histogram\na_bucket{le="1"} 1\n',
      '# TYPE a histogram\na_bucket{le="+Inf"} 1\na_count 2\na_sum 1\n',
      '# TYPE a histogram\na_bucket{le="+Inf"} 1\na_count 1\n',
      '# TYPE a histogram\na_bucket{le="+Inf"} 1\na_sum 1\n',
      '# TYPE a histogram\na_bucket{le="2"} 1\na_bucket{le="1"} 1\na_bucket{le="+Inf"} 1\n',
      '# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\n',
      '# TYPE a histogram\na_bucket{le="1"} 1\na_bucket{le="1.0"} 1\na_bucket{le="+Inf"} 1\n',
      '# TYPE a histogram\na_bucket{le="-1"} 1\na_bucket{le="+Inf"} 1\na_count 1\na_sum 1\n',
      '# TYPE a histogram\na_bucket{le="+Inf"} 1.5\n',
      '# TYPE a gaugehistogram\na_bucket{le="+Inf"} 1\na_gcount 1\na_gsum -1\n',
      '# TYPE a gaugehistogram\na_bucket{le="+Inf"} 1\na_gsum 1\n',
      '# TYPE a histogram\na_bucket{le="+Inf",x="1"} 1\na_bucket{le="1",x="2"} 1\n',
    ],
    exemplars: [
      '1 #',
      '1 # ',
      '1# {} 1',
      '1 #{} 1',
      '1 # {}1',
      '1 # {} ',
      '1 # {}  1',
      '1 # {} 1 ',
      '1 # {} 1 1 ',
      '1 # {} 1 z',
      '1 # {} 1 NaN',
      '1 # {} 1 Inf',
      '1 # {} x',
      '1 # {x=1} 1',
      '1 # {x="1",} 1',
      '1 # {x} 1',
      '1 # x 1',
      '1 # {x="1"',
      '1  # {} 1',
      '1 5 6 # {} 1',
      `1 # {x="${'é'.repeat(128)}"} 1`,
    ].map((rest) => `# TYPE a counter\na_total ${rest}\n`),
    'exemplars elsewhere': [
      '# TYPE a gauge\na 1 # {} 1\n',
      'a 1 # {} 1\n',
      '# TYPE a info\na_info 1 # {} 1\n',
      '# TYPE a summary\na_sum 1 # {} 1\n',
      '# TYPE a summary\na{quantile="1"} 1 # {} 1\n',
      '# TYPE a histogram\na_bucket{le="+Inf"} 1\na_count 1 # {} 1\na_sum 1\n',
      '# TYPE a counter\na_total 1\na_created 1 # {} 1\n',
      '# TYPE a stateset\na{a="x"} 1 # {} 1\n',
    ],
  };
  test.each(Object.entries(bad))('with wrong %s is refused whole', (_what, texts) => {
    const taken = texts.filter((text) => {
      try {
        parserOf().parse(`${text}# EOF\n`);
        return true;
      } catch (error) {
        expect(error).toMatchObject({ code: 'KYBERN_BODY_UNREADABLE' });
        return false;
      }
    });
    expect(taken).toEqual([]);
  });

  test.each(['', 'a 1\n', 'a 1\n# EOFblah', 'a 1\n# EOF\nblah', 'a 1\n# EOF\n\n', '# EOF\n# EOF\n'])(
    'that does not end as it must is refused: %j',
    (text) => {
      expect(() => parserOf().parse(text)).toThrow(expect.objectContaining({ code: 'KYBERN_BODY_UNREADABLE' }));
    },
  );

  test('of random or damaged text is refused with a coded error or read, and a known series changes no verdict', () => {
    const { parse } = parserOf();
    const damaged = fc
      .tuple(fc.nat(page.length - 1), fc.string({ maxLength: 5 }), fc.nat(3))
      .map(([at, text, cut]) => page.slice(0, at) + text + page.slice(at + cut));
    const verdict = (of: (text: string) => unknown, text: string) => {
      try {
        of(text);
        return 'taken';
      } catch (error) {
        expect(error).toBeInstanceOf(KybernError);
        return 'refused';
      }
    };
    fc.assert(
      fc.property(fc.oneof(damaged, fc.string({ unit: 'binary' })), (text) => {
        expect(verdict(parse, text)).toBe(verdict(parserOf().parse, text));
      }),
      { numRuns: 300 },
    );
  });
});
