import type { BandBatch, DetectionResult, Detectors, SampleBatch } from '../../model/index.ts';
import type { Handlers } from './calls.ts';
import { copiedBatch } from './copied-batch.ts';
import type { MirroredCatalog } from './mirrored-catalog.ts';
import type { MetricChange } from './relayed-metrics.ts';
import { createSharedRoom } from './shared-room.ts';
import type { SharedBands, SharedResult, Standing, ThreadCalls } from './thread-calls.ts';

type HostCall = 'prepare' | 'hold' | 'close' | 'create';

/** What detectors of this thread are asked, one after the other in the order in which they are asked. */
export type ServedDetectors = Omit<Handlers<ThreadCalls>, HostCall>;

export function serveDetectors(
  detectors: Detectors,
  catalog: Pick<MirroredCatalog, 'define'>,
  takeChanges: () => readonly MetricChange[],
): ServedDetectors {
  const lent = new Map<number, BandBatch>();
  const pieceRoom = createSharedRoom();
  let bandsLent = 0;
  let pieces: Iterator<Uint8Array | Promise<Uint8Array>> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  }

  const standing = (): Standing => ({ status: detectors.status(), changes: takeChanges() });

  function standingAfter(work: () => unknown): Promise<Standing> {
    return inTurn(async () => {
      await work();
      return standing();
    });
  }

  function takeBack(released: readonly number[]): void {
    for (const number of released) {
      lent.get(number)?.release?.();
      lent.delete(number);
    }
  }

  function lend(batch: BandBatch): SharedBands {
    const { release, ...columns } = batch;
    bandsLent += 1;
    if (release !== undefined) lent.set(bandsLent, batch);
    return { ...columns, number: bandsLent };
  }

  function shared({ anomalies, derived, bands, calls, slos }: DetectionResult): SharedResult {
    return {
      ...{ anomalies, calls, slos },
      derived: derived.map((batch): SampleBatch => copiedBatch(batch).batch),
      bands: bands.map(lend),
      ...standing(),
    };
  }

  return {
    define: ({ text }) => catalog.define(text),
    observe: ({ batch, released }) =>
      inTurn(async () => {
        takeBack(released);
        return shared(await detectors.observe(batch));
      }),
    advance: ({ watermarkMs, released }) =>
      inTurn(async () => {
        takeBack(released);
        return shared(await detectors.advance(watermarkMs));
      }),
    // Nobody hears an answer: what it changes is told with the next one.
    learn: ({ decision }) => inTurn(() => detectors.learn?.(decision)),
    useNetwork: ({ modelClass, sha256 }) => standingAfter(() => detectors.useNetwork?.(modelClass, sha256)),
    learnHistory: ({ batch }) => standingAfter(() => detectors.learnHistory?.(batch)),
    learnRecords: ({ batch, isWhole }) => standingAfter(() => detectors.learnRecords?.(batch, isWhole)),
    endHistory: ({ untilMs }) => standingAfter(() => detectors.endHistory?.(untilMs)),
    seriesState: ({ fingerprint }) => detectors.seriesState?.(fingerprint),
    settle: () => standingAfter(() => detectors.settle?.()),
    kept: () => standingAfter(() => detectors.kept?.()),
    piece: ({ isFirst }) =>
      inTurn(async () => {
        if (isFirst || pieces === undefined) pieces = detectors.pieces()[Symbol.iterator]();
        const { value, done } = pieces.next();
        if (done === true) {
          pieces = undefined;
          return standing();
        }
        return { piece: pieceRoom.share(await value), ...standing() };
      }),
    load: ({ saved }) =>
      inTurn(async () => {
        const isOurs = await detectors.load(saved);
        // Nobody else would collect what was read before more comes.
        setImmediate(() => globalThis.gc?.());
        return { isOurs, ...standing() };
      }),
    leave: () => inTurn(() => detectors.close?.()),
  };
}
