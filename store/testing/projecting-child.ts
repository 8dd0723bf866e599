import { writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { openProjection } from './projection.ts';

// Appends records of 50 samples and carries them over into the store until killed; prints each record's number
// once it is acknowledged.
const [directory, run, kind] = process.argv.slice(2);
const { topic, projector } = await openProjection(directory, kind);
void projector.run(new AbortController().signal);
writeSync(1, 'ready\n');
for (let number = 0; ; number++) {
  const first = Number(run) * 1_000_000 + number * 50;
  const rows = Array.from({ length: 50 }, (_, i) => [i % 5, first + i, first + i]);
  await topic.append(Buffer.from(JSON.stringify(rows)));
  writeSync(1, `${first}\n`);
  await pause(1);
}
