import { dropReasonOf } from '../intake/raw-double.ts';
import type { SampleColumns } from '../intake/sample-columns.ts';
import type { SampleWindow } from '../intake/sample-window.ts';
import type { DropReason, RejectReason, Tally } from '../intake/tally.ts';
import { refusalReason } from '../intake/tally.ts';
import type { WireReader } from '../wire/wire-reader.ts';

/** What the samples of one body go into, and what they are judged by. */
export interface WriteSink {
  readonly columns: SampleColumns;
  readonly tally: Tally;
  readonly latestMs: number;
  readonly window: SampleWindow;
}

/** Why an item of this series and time is refused, undefined where it is not. */
export function refusedBy(sink: WriteSink, series: number, timeMs: number): RejectReason | undefined {
  if (series < 0) return refusalReason(series);
  if (timeMs > sink.latestMs) return 'future';
  if (timeMs <= 0) return 'time';
  return undefined;
}

const valueTag = 0x09;
const timeTag = 0x10;

/** The sample last read. */
let timeMs = 0;
let value = 0;
let dropped: DropReason | undefined;

/** Reads the Sample that the reader's field holds (1.0 and 2.0 alike) and takes it as one of `series`, or a refusal. */
export function takeSample(reader: WireReader, sink: WriteSink, series: number): void {
  readSample(reader);
  const { tally } = sink;
  tally.received++;
  if (series >= 0 && dropped !== undefined) {
    tally.dropped[dropped]++;
    if (dropped === 'stale' && refusedBy(sink, series, timeMs) === undefined) sink.columns.end(series, timeMs);
    return;
  }
  const refused = refusedBy(sink, series, timeMs);
  if (refused !== undefined) tally.rejected[refused]++;
  else if (sink.window.admits(series, timeMs, tally)) {
    sink.columns.push(series, timeMs, value);
    tally.accepted++;
  }
}

function readSample(reader: WireReader): void {
  timeMs = 0;
  value = 0;
  dropped = undefined;
  const outer = reader.enter();
  const at = reader.position;
  // Value and time in their order, as every sender writes them: read without looking at tags one by one.
  if (reader.end - at > 10 && reader.bytes[at] === valueTag && reader.bytes[at + 9] === timeTag) {
    reader.position = at + 1;
    reader.raw64();
    value = reader.lastDouble();
    dropped = dropReasonOf(reader);
    reader.position = at + 10;
    reader.rawUint();
    timeMs = reader.lastSigned();
  }
  while (reader.next()) {
    if (reader.field === 1) {
      reader.fixed64();
      value = reader.lastDouble();
      dropped = dropReasonOf(reader);
    } else if (reader.field === 2) timeMs = reader.int();
    else reader.skip();
  }
  reader.leave(outer);
}
