import { expect, test } from 'vitest';
import { KybernError } from '../../../../model/index.ts';
import { createWarmConsumer } from './warm-consumer.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

function warmConsumer(isWarm: boolean) {
  const done: string[] = [];
  const closed = new AbortController();
  let learning = Promise.withResolvers<void>();
  const consumer = createWarmConsumer({
    ...{ isWarm, closed: closed.signal },
    consumer: {
      run: async () => void done.push('consumed'),
      checkpoint: async () => void done.push('saved'),
    },
    warmUp: {
      run() {
        done.push('learns');
        learning = Promise.withResolvers<void>();
        return learning.promise;
      },
    },
  });
  return { consumer, done, closed, learnt: () => learning.resolve(), fails: (error: Error) => learning.reject(error) };
}

test('learning goes on while partitions are shared out anew, and nothing is saved before it is done', async () => {
  const { consumer, done, learnt } = warmConsumer(false);
  const first = new AbortController();
  const running = consumer.run(first.signal);
  await turn();
  first.abort();
  await running;
  await consumer.checkpoint();
  expect(done).toEqual(['learns']);
  const again = consumer.run(new AbortController().signal);
  learnt();
  await again;
  await consumer.checkpoint();
  expect(done).toEqual(['learns', 'consumed', 'saved']);
  await consumer.run(new AbortController().signal);
  expect(done).toEqual(['learns', 'consumed', 'saved', 'consumed']);
});

test('a partition that goes away in the middle of it leaves no state', async () => {
  const { consumer, done, closed, learnt } = warmConsumer(false);
  const running = consumer.run(new AbortController().signal);
  closed.abort();
  learnt();
  await running;
  await consumer.checkpoint();
  expect(done).toEqual(['learns']);
});

test('a log that cannot be read is asked again by whoever runs it again', async () => {
  const { consumer, done, fails, learnt } = warmConsumer(false);
  const running = consumer.run(new AbortController().signal);
  fails(new KybernError('KYBERN_LOG_UNAVAILABLE', 'away'));
  await expect(running).rejects.toThrow('away');
  await consumer.checkpoint();
  const again = consumer.run(new AbortController().signal);
  learnt();
  await again;
  expect(done).toEqual(['learns', 'learns', 'consumed']);
});

test('with a state to go on from nothing is learnt', async () => {
  const { consumer, done } = warmConsumer(true);
  await consumer.run(new AbortController().signal);
  await consumer.checkpoint();
  expect(done).toEqual(['consumed', 'saved']);
});
