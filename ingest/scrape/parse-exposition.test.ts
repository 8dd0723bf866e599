import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KybernError } from '../../model/index.ts';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import { createTally } from '../intake/tally.ts';
import { nowMs } from '../testing/door.ts';
import { ingestConfig } from '../testing/ingest-config.ts';
import { createMemoryTopic } from '../testing/memory-topic.ts';
import { createExpositionParser } from './parse-exposition.ts';

function parserOf(targetLabels: readonly (readonly [string, string])[] = []) {
  const limits = ingestConfig().limits;
  const catalog = createSeriesCatalog(createMemoryTopic(), limits);
  const parser = createExpositionParser(catalog, limits, { own: targetLabels, honor: false });
  return (page: string | Uint8Array) => {
    const tally = createTally();
    const batch = parser.parse(Buffer.from(page), nowMs, tally);
    const samples = Array.from({ length: batch.count }, (_, row) => {
      const { name, kind, labels } = catalog.get(batch.series[row]);
      const inside = labels.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(',');
      return `${kind} ${name}{${inside}} ${batch.values[row]} @${batch.timesMs[row] - nowMs}`;
    });
    return { samples, tally };
  };
}

const page = `# HELP http_request_duration_seconds Time.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="+Inf"} 144320
http_request_duration_seconds_sum 53423.5
http_request_duration_seconds_count 144320
# TYPE rpc_seconds summary
rpc_seconds{quantile="0.5"} 4773
rpc_seconds_count 2693
# TYPE restarts counter
restarts 3
# TYPE hits_total gauge
hits_total 4
container_cpu_usage_seconds_total{namespace="shop", pod="cart-1",} 12.5 ${nowMs - 2000}
  temperature { room = "a\\"b\\\\c\\nd" }\t-3.5e1
nothing NaN
`;

describe('a page in the Prometheus text format', () => {
  test('becomes samples: kinds by TYPE, else by name; times where they stand', () => {
    const parse = parserOf();
    const expected = [
      'counter http_request_duration_seconds_bucket{le="0.05"} 24054 @0',
      'counter http_request_duration_seconds_bucket{le="+Inf"} 144320 @0',
      'counter http_request_duration_seconds_sum{} 53423.5 @0',
      'counter http_request_duration_seconds_count{} 144320 @0',
      'gauge rpc_seconds{quantile="0.5"} 4773 @0',
      'counter rpc_seconds_count{} 2693 @0',
      'counter restarts{} 3 @0',
      'gauge hits_total{} 4 @0',
      'counter container_cpu_usage_seconds_total{namespace="shop",pod="cart-1"} 12.5 @-2000',
      'gauge temperature{room="a\\"b\\\\c\\nd"} -35 @0',
    ];
    for (const text of [page, page, page.replaceAll('\n', '\r\n'), page.trimEnd()]) {
      const { samples, tally } = parse(text);
      expect(samples).toEqual(expected);
      expect(tally).toMatchObject({ received: 11, accepted: 10, dropped: { nan: 1 } });
    }
  });

  test('gets the labels of its target; its own of that name are kept as exported', () => {
    const parse = parserOf([
      ['instance', 'kube:10250'],
      ['job', 'kubelet'],
    ]);
    expect(parse('a{job="mine",x="1"} 1\n').samples).toEqual([
      'gauge a{exported_job="mine",instance="kube:10250",job="kubelet",x="1"} 1 @0',
    ]);
  });

  test.each([
    ['HTML', '<html><body>no metrics</body></html>'],
    ['a quote that stays open', 'a{x="1} 1\n'],
    ['no value', 'a{x="1"}\n'],
    ['a value that is none', 'a one\n'],
    ['something behind the time', 'a 1 2 3\n'],
    ['a bad name', 'a 1\n1a 2\n'],
    ['labels without commas', 'a{x="1"y="2"} 1\n'],
    ['labels without quotes', 'a{x=1} 1\n'],
  ])('with %s is refused whole', (_what, text) => {
    expect(() => parserOf()(text)).toThrow(expect.objectContaining({ code: 'KYBERN_BODY_UNREADABLE' }));
  });

  test('with a label twice, or a time from the future, loses that sample only', () => {
    const { samples, tally } = parserOf()(`a{x="1",x="2"} 1\nb 1 ${nowMs + 700_000}\nc 1\n`);
    expect(samples).toEqual(['gauge c{} 1 @0']);
    expect(tally).toMatchObject({ received: 3, accepted: 1, rejected: { labels: 1, future: 1 } });
  });

  test('of random or damaged text is refused with a coded error or read, never a crash', () => {
    const parse = parserOf();
    const damaged = fc
      .tuple(fc.nat(page.length - 1), fc.string({ maxLength: 5 }))
      .map(([at, text]) => page.slice(0, at) + text + page.slice(at + 1));
    fc.assert(
      fc.property(fc.oneof(damaged, fc.string({ unit: 'binary' })), (text) => {
        try {
          parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(KybernError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
