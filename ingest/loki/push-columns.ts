import { isUtf8 } from 'node:buffer';
import type { LogBatch } from '../../model/index.ts';
import type { IngestLimits } from '../config.ts';
import { severityOfLine } from '../intake/severity.ts';
import { refusalReason, type Tally } from '../intake/tally.ts';
import { cutAt } from '../otlp/cut-text.ts';
import { createLogColumns } from '../otlp/log-record.ts';
import type { EntryMetadata } from './entry-metadata.ts';
import type { LogStream } from './log-streams.ts';

/** What became of the lines of one push, whatever its form. */
export interface PushColumns {
  /** One line; `timeMs` is NaN where its time cannot be read. It is counted in the tally. */
  take(stream: LogStream, timeMs: number, line: Uint8Array, metadata: EntryMetadata): void;
  /** A line that has not the form of one. */
  refuse(): void;
  batch(): LogBatch;
}

/**
 * Lines into columns: one over `logBodyBytes` is cut at a character and counted, bytes that are not UTF-8 are replaced, a
 * line from too far in the future is refused. Old lines are taken. Severity comes from the line's metadata, else from the
 * stream's labels, else from the line.
 */
export function createPushColumns(bodyBytes: number, nowMs: number, tally: Tally, limits: IngestLimits): PushColumns {
  const columns = createLogColumns(bodyBytes);
  const latestMs = nowMs + limits.futureSeconds * 1000;
  return {
    take(stream, timeMs, line, metadata) {
      tally.received++;
      const id = metadata.pod === '' || stream.id < 0 ? stream.id : stream.ofPod(metadata.pod);
      if (id < 0) tally.rejected[refusalReason(id)]++;
      else if (!(timeMs > 0)) tally.rejected.time++;
      else if (timeMs > latestMs) tally.rejected.future++;
      else {
        const text = isUtf8(line) ? line : Buffer.from(new TextDecoder().decode(line));
        const end = cutAt(text, limits.logBodyBytes);
        if (end < text.length) tally.truncated++;
        const severity = metadata.severity || stream.severity || severityOfLine(line);
        columns.push(id, timeMs, severity, text, end);
        columns.pushIds(metadata.ids, metadata.hasTrace ? 0 : -1, metadata.hasSpan ? 16 : -1);
        tally.accepted++;
      }
    },
    refuse() {
      tally.received++;
      tally.rejected.invalid++;
    },
    batch: () => columns.batch(),
  };
}
