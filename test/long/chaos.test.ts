import { expect, test } from 'vitest';
import { chaosBench } from '../../bench/chaos/chaos.ts';
import { kcat } from '../support/kafka-broker.ts';
import { standHas } from '../support/stand.ts';

/** What of the stand a scenario needs, beside Kybern itself. */
const scripts: Readonly<Record<string, readonly string[]>> = {
  brokers: ['kafka', 'clickhouse'],
  'store-down': ['clickhouse'],
  poison: ['kafka'],
};

/** The short forms; `npm run bench -- chaos` has the long ones. */
test.for(chaosBench.parts.map((part) => [part.name, part] as const))(
  'chaos, by one ledger: %s',
  async ([name, part], { skip }) => {
    const isThere = (scripts[name] ?? []).every(standHas) && (name !== 'poison' || kcat !== undefined);
    if (!isThere) skip('parts of the stand are not here');
    const told: string[] = [];
    const { figures, bars } = await part.run({ quick: true, say: (line) => void told.push(line) });
    if (bars.length === 0) skip('what makes the fault is not here');
    console.info(name, figures);
    const missed = bars.filter(({ ok }) => !ok).map(({ name, want, got }) => `${name}: ${got}, want ${want}`);
    expect(missed, told.join('\n')).toEqual([]);
  },
);
