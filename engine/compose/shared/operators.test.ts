import { describe, expect, test } from 'vitest';
import type { Decision, OperatorDesk } from '../../../model/index.ts';
import { createOperatorDecisions } from './operator-decisions.ts';
import { createStandingDesk } from './standing-desk.ts';

const decision = (type: Decision['type'], id: string) => ({ type, value: { id } }) as unknown as Decision;

test('a scorer that starts late hears all that operators said, in order, and then what comes, until it ends', () => {
  const decisions = createOperatorDecisions();
  decisions.note(decision('feedback', 'a'));
  decisions.note(decision('anomaly', 'not of an operator'));
  decisions.note(decision('maintenance', 'b'));
  const heard: string[] = [];
  const end = decisions.follow(({ value }) => heard.push(value.id));
  decisions.note(decision('feedback', 'c'));
  end();
  decisions.note(decision('feedback', 'd'));
  expect(heard).toEqual(['a', 'b', 'c']);
});

describe('the desk as any process shows it', () => {
  test('says who decides where another does', async () => {
    const desk = createStandingDesk({ own: () => undefined, decider: () => 'b:8080' });
    await expect(desk.undo('fbk-1', 'ada')).rejects.toMatchObject({
      code: 'KYBERN_NOT_DECIDER',
      message: 'b:8080 decides',
    });
    expect(() => desk.windows()).toThrow('b:8080 decides');
  });

  test('is the real one where this process decides', () => {
    const own = { budgets: () => [] } as unknown as OperatorDesk;
    expect(createStandingDesk({ own: () => own, decider: () => undefined }).budgets()).toEqual([]);
  });
});
