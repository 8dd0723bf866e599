import { expect, test } from 'vitest';
import { type Metrics, type ModelClassMatch, noMetrics, type ProcessModels } from '../../../../model/index.ts';
import { createClassAgreement } from './class-agreement.ts';

const http: ModelClassMatch = { name: 'http', match: ['http_*'] };
const queues: ModelClassMatch = { name: 'queues', match: ['queue.*', 'lag'] };

/** The process a, and what others of the group said. */
function agreementOf(classes: readonly ModelClassMatch[]) {
  const said: ProcessModels[] = [];
  const [warned, informed, shown] = [[], [], []] as [[string, string][], string[], number[]];
  const metrics: Metrics = { ...noMetrics, gauge: () => ({ set: (value) => void shown.push(value) }) };
  const agreement = createClassAgreement({
    ...{ classes, metrics, name: 'a' },
    processes: () => said,
    logger: {
      warn: ({ code }: { code: string }, text: string) => void warned.push([code, text]),
      info: (_fields: object, text: string) => void informed.push(text),
    } as never,
  });
  const says = (name: string, theirs?: ModelClassMatch[]) => {
    const at = said.findIndex((one) => one.name === name);
    said.splice(at < 0 ? said.length : at, 1, { name, atMs: 0, serving: [], ...(theirs && { classes: theirs }) });
    agreement.look();
  };
  return { agreement, says, warned, informed, shown };
}

test('a process with other classes is told of once, with what differs, until none has others any more', () => {
  const { agreement, says, warned, informed, shown } = agreementOf([http, queues]);
  says('a', [http]);
  says('b', [http, queues]);
  expect(agreement.difference).toBeUndefined();
  says('c', [http]);
  says('c', [http]);
  says('d', [http]);
  expect(warned).toEqual([
    [
      'KYBERN_MODEL_CLASSES',
      'c has other classes of series (models.classes), and forecasts start anew where a partition moves between the two: queues is only here',
    ],
  ]);
  expect(agreement.difference).toBe('models.classes are others in c, d: queues is only here');
  expect(shown.at(-1)).toBe(2);
  says('c', [http, queues]);
  says('d', [http, queues]);
  expect(agreement.difference).toBeUndefined();
  expect(informed).toHaveLength(1);
  expect(shown.at(-1)).toBe(0);
  says('d', [http]);
  expect(warned).toHaveLength(2);
});

test.each([
  ['another class', [{ ...http, name: 'web' }, queues], 'http is only here, web is only there'],
  ['other metrics', [http, { ...queues, match: ['queue.*'] }], 'queues is queue.* lag here and queue.* there'],
  ['another order, by which a metric of two classes belongs to one', [queues, http], 'they are in another order'],
  ['none', [], 'http is only here, queues is only here'],
])('%s is a difference', (_, theirs, expected) => {
  const { agreement, says } = agreementOf([http, queues]);
  says('b', theirs);
  expect(agreement.difference).toBe(`models.classes are others in b: ${expected}`);
});

test('one that does not say its classes, of an older version, is not held to have others', () => {
  const { agreement, says } = agreementOf([http]);
  says('b');
  expect(agreement.difference).toBeUndefined();
});
