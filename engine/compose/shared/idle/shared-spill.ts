import { frameOf, recordIn, type SpillCopy, type SpillFiles, type SpillPlace } from '../../../../detectors/index.ts';
import type { KeyedRecord, KeyedRecords } from '../../../../ingest/log/index.ts';
import { type Clock, KybernError } from '../../../../model/index.ts';

/** Where one partition's idle series are put aside: on this disk, and in the log for whoever owns the partition next. */
export interface SharedSpill extends SpillFiles {
  /** Resolves once the log has all that was put aside so far: before a state that refers to it is. Rejects as the log does. */
  share(): Promise<void>;
}

export interface SharedSpillDeps {
  /** The files in which this process reads and writes; they may be empty, and can be lost. */
  readonly copyOn: (numbered: () => Promise<number>) => SpillCopy;
  readonly records: KeyedRecords;
  /** Resolves where this process owns the partition still. Rejects with KYBERN_FENCED. */
  readonly confirm: () => Promise<void>;
  readonly clock: Clock;
  /** Told where what the log has cannot be copied to this disk: it is then read from the log when it is wanted. */
  readonly failed: (error: KybernError) => void;
  readonly removeCopy: () => Promise<void>;
}

interface Piece {
  readonly key: string;
  readonly from: number;
  readonly length: number;
  /** Of its record in the log. */
  readonly at: number;
}

/** Each put under it gives an offset that nothing else in the partition ever has: the number of a segment. */
const numberKey = 'segment';
const pieceBytes = 512 * 1024;
const piecesAtOnce = 8;
const retryMs = 1000;

/**
 * What is appended lies in the files at once and goes to the log with the next checkpoint, in pieces of segments: a state that
 * is durable refers only to what the log has. A new owner copies the pieces onto its own disk while it goes on, and reads
 * wait for that. Numbers of segments are offsets of the log, so that two processes which both think that they own the partition
 * never write to the same one; and only who is confirmed as owner behind its durable state removes any.
 */
export function openSharedSpill(deps: SharedSpillDeps): SharedSpill {
  const { records, clock } = deps;
  const closed = new AbortController();
  const pieces = new Map<number, Map<number, Piece>>();
  const own = new Set<number>();
  let waiting: SpillPlace[] = [];
  let sharing: Promise<void> = Promise.resolve();
  let isListed = false;

  const copy = deps.copyOn(async () => {
    // Offsets begin at 0, numbers of segments at 1.
    const number = (await records.put(numberKey, new Uint8Array(0))) + 1;
    own.add(number);
    return number;
  });
  const listed = list();

  function note(segment: number, piece: Piece): void {
    const known = pieces.get(segment) ?? new Map<number, Piece>();
    pieces.set(segment, known.set(piece.from, piece));
  }

  async function take({ key, offset, value }: KeyedRecord): Promise<void> {
    if (closed.signal.aborted) throw gone();
    const [segment, from] = key.split('/').map(Number);
    if (segment === undefined || from === undefined || own.has(segment)) return;
    if (value === null) {
      pieces.get(segment)?.delete(from);
      return;
    }
    note(segment, { key, from, length: value.length, at: offset });
    await restore(segment, from, value);
  }

  async function restore(segment: number, from: number, value: Uint8Array): Promise<void> {
    try {
      await copy.restore(segment, from, value);
    } catch (error) {
      deps.failed(known(error));
    }
  }

  async function list(): Promise<void> {
    while (!closed.signal.aborted && !isListed) {
      try {
        await records.readAll(take);
        isListed = true;
      } catch (error) {
        known(error);
        await clock.sleep(retryMs, closed.signal);
      }
    }
  }

  /** What this disk does not have, or has damaged, from the log; it is copied again. */
  async function fetched(places: readonly SpillPlace[]): Promise<ReadonlyMap<SpillPlace, Uint8Array>> {
    const wanted = new Map<Piece, SpillPlace[]>();
    for (const place of places) {
      const holds = ({ from, length }: Piece) => from <= place.offset && place.offset < from + length;
      const piece = [...(pieces.get(place.segment)?.values() ?? [])].find(holds);
      if (piece !== undefined) wanted.set(piece, [...(wanted.get(piece) ?? []), place]);
    }
    const found = new Map<SpillPlace, Uint8Array>();
    for (const [{ from, at }, held] of wanted) {
      const value = await records.readAt(at);
      if (value === undefined) continue;
      await restore(held[0]!.segment, from, value);
      for (const place of held) {
        const record = recordIn(Buffer.from(value), place.offset - from, place.length);
        if (record !== undefined) found.set(place, record);
      }
    }
    return found;
  }

  async function read(places: readonly SpillPlace[]): Promise<readonly (Uint8Array | undefined)[]> {
    if (closed.signal.aborted) throw gone();
    const found = await copy.read(places);
    const isLost = (_: SpillPlace, at: number): boolean => found[at] === undefined;
    const lost = places.filter(isLost);
    if (lost.length === 0) return found;
    // It may be on its way here.
    if (!isListed) {
      await listed;
      return read(places);
    }
    const again = await fetched(lost);
    return places.map((place, at) => found[at] ?? again.get(place));
  }

  async function shareAll(): Promise<void> {
    while (waiting.length > 0) {
      const next = nextPieces(waiting);
      await Promise.all(next.map(shareOne));
      waiting = waiting.slice(next.flat().length);
    }
  }

  /** One that this disk has lost already is left out: nobody can have it. */
  async function shareOne(places: readonly SpillPlace[]): Promise<void> {
    const rows = await copy.read(places);
    for (let row = 0; row < rows.length; row += 1) {
      const lost = rows.indexOf(undefined, row);
      const sound = rows.slice(row, lost < 0 ? rows.length : lost).filter((each) => each !== undefined);
      if (sound.length === 0) continue;
      const { segment, offset: from } = places[row]!;
      const key = `${segment}/${from}`;
      const value = Buffer.concat(sound.map(frameOf));
      note(segment, { key, from, length: value.length, at: await records.put(key, value) });
      row += sound.length;
    }
  }

  async function removeUnwanted(wanted: ReadonlySet<number>): Promise<void> {
    const unwanted = [...pieces.keys()].filter((segment) => segment !== copy.newest && !wanted.has(segment));
    if (unwanted.length === 0) return;
    await deps.confirm();
    for (const segment of unwanted) {
      await records.remove([...pieces.get(segment)!.values()].map(({ key }) => key));
      pieces.delete(segment);
    }
  }

  return {
    async append(rows) {
      const places = await copy.append(rows);
      waiting.push(...places);
      return places;
    },
    read,
    // It goes to the log with the state, while the next records are scored.
    sync: async () => {},
    share() {
      const shared = sharing.then(shareAll);
      sharing = shared.catch(() => {});
      return shared;
    },
    async keep(wanted) {
      if (!isListed) return;
      await copy.keep(wanted);
      waiting = waiting.filter(({ segment }) => segment === copy.newest || wanted.has(segment));
      // What the log did not let go of goes another time.
      await removeUnwanted(wanted).catch(known);
    },
    get newest() {
      return copy.newest;
    },
    sparseBelow: copy.sparseBelow,
    async close() {
      closed.abort();
      await listed;
      await sharing;
      // Of a copy nothing is lost; what cannot be removed now is at the next start.
      await copy
        .close()
        .then(deps.removeCopy)
        .catch(() => {});
    },
  };
}

/** The first pieces: what lies behind each other, so much of it as one may have. */
function nextPieces(places: readonly SpillPlace[]): readonly (readonly SpillPlace[])[] {
  const next: SpillPlace[][] = [];
  for (const place of places) {
    const [first] = next.at(-1) ?? [];
    const isNext = first?.segment === place.segment && place.offset + place.length - first.offset <= pieceBytes;
    if (isNext) next.at(-1)!.push(place);
    else if (next.length < piecesAtOnce) next.push([place]);
    else break;
  }
  return next;
}

function known(error: unknown): KybernError {
  if (error instanceof KybernError) return error;
  throw error;
}

function gone(): KybernError {
  return new KybernError('KYBERN_FENCED', "the partition's idle series are another process's now");
}
