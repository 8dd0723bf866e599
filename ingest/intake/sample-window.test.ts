import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSampleColumns } from './sample-columns.ts';
import { createSampleWindow } from './sample-window.ts';
import { createTally } from './tally.ts';

const minute = 60_000;
const nowMs = Date.UTC(2026, 10, 25, 12);

/** A window of ten minutes; `send` judges a body of samples as offsets from now, and makes durable what was taken. */
function windowOf(outOfOrderSeconds = 600) {
  const window = createSampleWindow({ outOfOrderSeconds });
  return {
    send(series: number, ...offsets: number[]) {
      const tally = createTally();
      const columns = createSampleColumns(1);
      for (const offset of offsets) {
        if (window.admits(series, nowMs + offset, tally)) columns.push(series, nowMs + offset, 1);
      }
      const durable = () => window.committed(columns.batch());
      return { taken: columns.count, late: tally.late, refused: tally.rejected['out-of-order'], durable };
    },
  };
}

describe('the out-of-order window', () => {
  test('takes what is new, counts what is late, refuses what is later than it reaches', () => {
    const { send } = windowOf();
    send(7, 0).durable();
    expect(send(7, 1)).toMatchObject({ taken: 1, late: 0 });
    expect(send(7, -minute, -10 * minute)).toMatchObject({ taken: 2, late: 2 });
    expect(send(7, -10 * minute - 1)).toMatchObject({ taken: 0, refused: 1 });
  });

  test('judges each series by itself, and one that it does not know not at all', () => {
    const { send } = windowOf();
    send(7, 0).durable();
    expect(send(8, -1e9)).toMatchObject({ taken: 1, late: 0 });
    expect(send(1_000_000, -1e9)).toMatchObject({ taken: 1, late: 0 });
  });

  test('takes a body that the log refused when it comes again, however long it is', () => {
    const { send } = windowOf();
    const long = [-60 * minute, -30 * minute, 0];
    send(7, ...long);
    const again = send(7, ...long);
    expect(again).toMatchObject({ taken: 3, late: 0 });
    again.durable();
  });

  test('of no length refuses whatever is older than the newest', () => {
    const { send } = windowOf(0);
    send(7, 0).durable();
    expect(send(7, 0)).toMatchObject({ taken: 1 });
    expect(send(7, -1)).toMatchObject({ taken: 0, refused: 1 });
  });

  test('takes the body that was made durable last again, whatever came before it', () => {
    const offsets = fc.integer({ min: -100, max: 100 }).map((minutes) => minutes * minute);
    const bodies = fc.array(fc.array(offsets, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(bodies, (given) => {
        const { send } = windowOf();
        for (const body of given) {
          const first = send(3, ...body);
          first.durable();
          expect(send(3, ...body).taken).toBeGreaterThanOrEqual(first.taken);
        }
      }),
      { numRuns: 500 },
    );
  });
});
