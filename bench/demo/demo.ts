import { removeTemporaryDirectories } from '../../test/support/kybern-process.ts';
import { atMost, type Bench, type BenchOptions, type BenchResult } from '../bench.ts';
import { brokenSeconds } from './broken-seconds.ts';
import { type LiveStory, liveStory } from './live-story.ts';

const seeds = [7, 21, 1234];
const firstPort = 23_080;

async function run({ quick, say }: BenchOptions): Promise<BenchResult> {
  const figures: Record<string, number> = {};
  const baselines: Record<string, number> = {};
  const stories: LiveStory[] = [];
  const used = quick ? seeds.slice(0, 1) : seeds;
  for (const [index, seed] of used.entries()) {
    say(`seed ${seed}: the demo in real time, two to four minutes`);
    const story = await liveStory(seed, firstPort + 10 * index);
    stories.push(story);
    const { fault } = story;
    for (const step of ['anomaly', 'incident', 'cause', 'action', 'recovery', 'resolved'] as const) {
      figures[`seed${seed}FaultTo${capital(step)}Seconds`] = round(story[step] - fault);
    }
    figures[`seed${seed}StartToIncidentSeconds`] = round(story.incident);
    figures[`seed${seed}StartToRecoverySeconds`] = round(story.recovery);
    figures[`seed${seed}Incidents`] = story.incidents;
    figures[`seed${seed}PeakRssMegabytes`] = round(story.peakRssMegabytes);
    say(`seed ${seed}: five minutes in simulated time, acting and only observing`);
    figures[`seed${seed}SloBrokenSeconds`] = await brokenSeconds(seed, 'auto');
    baselines[`seed${seed}SloBrokenSecondsWithoutActing`] = await brokenSeconds(seed, 'observe');
  }
  removeTemporaryDirectories();
  const worst = (of: (story: LiveStory) => number) =>
    Math.max(...stories.map((story) => (Number.isNaN(of(story)) ? Number.POSITIVE_INFINITY : of(story))));
  return {
    figures,
    baselines,
    bars: [
      atMost('start to the right first cause, seconds, worst seed', round(worst(({ cause }) => cause)), 120),
      atMost('start to recovery, seconds, worst seed', round(worst(({ recovery }) => recovery)), 240),
      atMost(
        'incidents for the leak, worst seed',
        worst(({ incidents }) => incidents),
        1,
      ),
      atMost(
        'peak RSS of the process, megabytes, worst seed',
        round(worst(({ peakRssMegabytes }) => peakRssMegabytes)),
        700,
      ),
    ],
  };
}

export const demoBench: Bench = {
  name: 'demo',
  title: 'seconds from fault to anomaly, incident, first cause, action and recovery in the demo, on three seeds',
  run,
};

const round = (value: number) => Math.round(value * 10) / 10;
const capital = (word: string) => word.slice(0, 1).toUpperCase() + word.slice(1);
