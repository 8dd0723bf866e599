import { afterAll } from 'vitest';
import { describeDemoStory } from '../support/demo-story.ts';
import { removeTemporaryDirectories } from '../support/kybern-process.ts';

// The story of test/system/demo-story.test.ts with other seeds: simulated like it, here because it takes its time.

afterAll(removeTemporaryDirectories);

for (const seed of [21, 1234]) describeDemoStory(seed);
