import { writeSync } from 'node:fs';
import { noMetrics } from '../../../model/index.ts';
import { openSegmentLog } from '../segment-log.ts';

// Appends records `run:number:padding` with 16 in flight until killed; prints each number once it is acknowledged.
const [directory, run] = process.argv.slice(2);
const log = await openSegmentLog({ directory, segmentBytes: 64 * 1024, retentionBytes: 1 << 30, metrics: noMetrics });
const topic = log.topic('signals');
writeSync(1, 'ready\n');
let number = 0;
async function appendForever(): Promise<void> {
  for (;;) {
    const mine = number++;
    await topic.append(Buffer.from(`${run}:${mine}:${'p'.repeat((mine * 37) % 700)}`));
    writeSync(1, `${mine}\n`);
  }
}
await Promise.all(Array.from({ length: 16 }, appendForever));
