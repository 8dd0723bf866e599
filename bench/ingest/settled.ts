import { eventually } from '../../test/support/kybern-process.ts';

/** Resolves when all that a Kybern acknowledged has been analysed and stored. */
export async function settled(url: string): Promise<void> {
  await eventually(
    async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
      return value('kybern_analysis_lag_records') === 0 && value('kybern_store_lag_records{topic="signals"}') === 0;
    },
    { withinMs: 300_000, what: () => 'everything to be scored and stored', everyMs: 50 },
  );
}
