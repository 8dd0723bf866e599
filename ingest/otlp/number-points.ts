import { createBytesIndex } from '../catalog/bytes-index.ts';
import { dropReasonOf } from '../intake/raw-double.ts';
import { refusalReason } from '../intake/tally.ts';
import type { WireReader } from '../wire/wire-reader.ts';
import type { MetricScope, PointSink } from './metric-scope.ts';
import { type AttributeRange, clearRange, lastNanosAsMs, skipAttribute } from './point-scanner.ts';
import type { StreamInterner } from './stream-interner.ts';

const indexBytes = 256 * 1024 * 1024;
const attributesField = 7;
const exemplarsField = 5;
const noRecordedValue = 1;

export interface NumberPointReader {
  /** Reads the NumberDataPoint that the reader stands in. Allocates nothing where its stream is known. */
  read(reader: WireReader, metric: MetricScope, sink: PointSink): void;
}

export function createNumberPointReader(interner: StreamInterner): NumberPointReader {
  const known = createBytesIndex(indexBytes);
  const range: AttributeRange = { start: 0, end: 0, contiguous: true };

  function seriesOf(reader: WireReader, metric: MetricScope, start: number): number {
    if (range.contiguous) {
      const id = known.find(metric.scope, reader.view, range.start, range.end);
      if (id >= 0) return id;
    }
    const id = interner.internMessage(metric, reader, start, reader.end, attributesField);
    if (id >= 0 && range.contiguous) known.add(metric.scope, reader.view, range.start, range.end, id);
    return id;
  }

  return {
    read(reader, metric, { columns, tally, latestMs, window }) {
      const start = reader.position;
      let timeMs = 0;
      let value = 0;
      let hasValue = false;
      let dropped: ReturnType<typeof dropReasonOf>;
      let flags = 0;
      let exemplars = 0;
      clearRange(range);
      for (let tagStart = start; reader.next(); tagStart = reader.position) {
        switch (reader.field) {
          case 3:
            reader.fixed64();
            timeMs = lastNanosAsMs(reader);
            break;
          case 4:
            reader.fixed64();
            value = reader.lastDouble();
            dropped = dropReasonOf(reader);
            hasValue = true;
            break;
          case 6:
            reader.fixed64();
            value = reader.lastSigned();
            dropped = undefined;
            hasValue = true;
            break;
          case exemplarsField:
            exemplars++;
            reader.skip();
            break;
          case attributesField:
            skipAttribute(reader, tagStart, range);
            break;
          case 8:
            flags = reader.uint();
            break;
          default:
            reader.skip();
        }
      }
      if ((flags & noRecordedValue) !== 0) {
        tally.dropped['no-value']++;
        // A series that is not known here has nothing to end.
        const id = range.contiguous ? known.find(metric.scope, reader.view, range.start, range.end) : -1;
        if (id >= 0 && timeMs > 0 && timeMs <= latestMs) columns.end(id, timeMs);
      } else if (!hasValue) tally.rejected.invalid++;
      else if (dropped !== undefined) tally.dropped[dropped]++;
      else if (timeMs <= 0) tally.rejected.time++;
      else if (timeMs > latestMs) tally.rejected.future++;
      else {
        const id = seriesOf(reader, metric, start);
        if (id < 0) tally.rejected[refusalReason(id)]++;
        else if (window === undefined || window.admits(id, timeMs, tally)) {
          columns.push(id, timeMs, value);
          tally.accepted++;
          tally.exemplars.taken += exemplars;
        }
      }
    },
  };
}
