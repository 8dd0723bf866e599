import { expect, test } from 'vitest';
import { createLifecycle } from './lifecycle.ts';

test('what was started last is ended first, loops included', async () => {
  const ended: string[] = [];
  const lifecycle = createLifecycle(() => {});
  lifecycle.onClose('log', () => void ended.push('log'));
  lifecycle.loop('analysis', async (signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    ended.push('analysis');
  });
  lifecycle.onClose('server', () => void ended.push('server'));
  await lifecycle.close();
  expect(ended).toEqual(['server', 'analysis', 'log']);
});

test('a loop that throws is told, and closing still ends the rest', async () => {
  const failures: string[] = [];
  const ended: string[] = [];
  const lifecycle = createLifecycle((name) => failures.push(name));
  lifecycle.onClose('log', () => void ended.push('log'));
  lifecycle.loop('broken', () => Promise.reject(new Error('defect')));
  await new Promise((resolve) => setImmediate(resolve));
  expect(failures).toEqual(['broken']);
  await lifecycle.close();
  expect(ended).toEqual(['log']);
});
