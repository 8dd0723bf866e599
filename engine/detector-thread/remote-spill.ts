import type { DetectorsDeps, SpillFiles } from '../../detectors/index.ts';
import type { Caller } from './calls.ts';
import type { MainCalls, SpillStanding } from './thread-calls.ts';

type Spill = NonNullable<DetectorsDeps['spill']>;

/** Where idle series are put aside, for the thread of the detectors: the files are the main thread's. */
export function createRemoteSpill(
  detectors: number,
  { newest, sparseBelow, mostBytes }: SpillStanding & { readonly mostBytes?: number },
  main: Caller<MainCalls>,
): Spill {
  let current = newest;
  const files: SpillFiles = {
    async append(records) {
      // Each in a buffer of its own: of a view the whole would be sent.
      const own = records.map((record) => new Uint8Array(record));
      const appended = await main.ask('spillAppend', { detectors, records: own });
      current = appended.newest;
      return appended.places;
    },
    read: (places) => main.ask('spillRead', { detectors, places }),
    async sync() {
      await main.ask('spillSync', { detectors });
    },
    async keep(wanted) {
      await main.ask('spillKeep', { detectors, wanted });
    },
    get newest() {
      return current;
    },
    sparseBelow,
    close: async () => {},
  };
  return {
    files,
    failed: ({ code, message }) => main.tell('spillFailed', { detectors, code, message }),
    ...(mostBytes === undefined ? {} : { mostBytes }),
  };
}
