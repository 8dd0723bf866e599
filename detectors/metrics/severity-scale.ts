import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

const binsPerOctave = 8;
const bins = 12 * binsPerOctave;
const lowestExponent = -2;
/** A healthy stretch of this many samples is what a severity speaks of. */
const stretch = 1000;
/** Weight of the prior, in samples. */
const priorSamples = 20_000;
/** Above this many samples the counts are halved, so that the scale follows the installation. */
const memory = 50_000_000;

/**
 * Severity: the share of healthy stretches of 1,000 samples whose highest score stays below this one,
 * (1 - P(score > s))^1000. P is the empirical tail over the scores of all samples outside of anomalies, in bins of an
 * eighth of an octave, plus a prior tail 0.02 (s/3)^-3, about what the residuals of web-service KPIs show. It is the
 * same for every series, since scores are in units of a series' own scale. Monotone by construction.
 */
export interface SeverityScale {
  /** Counts the score of a healthy sample. */
  observe(score: number): void;
  /** The same for the raw score of a verdict. */
  observeVerdict(verdict: { readonly rawScore: number }): void;
  /** In [0, 1], rising with the score. */
  severity(score: number): number;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

export function createSeverityScale(): SeverityScale {
  const counts = new Float64Array(bins);
  let total = priorSamples;
  for (let bin = 0; bin < bins; bin += 1)
    counts[bin] = priorSamples * (priorTail(lower(bin)) - priorTail(lower(bin + 1)));
  counts[bins - 1]! += priorSamples * priorTail(lower(bins));

  function count(bin: number): void {
    counts[bin] = counts[bin]! + 1;
    total += 1;
    if (total < memory) return;
    for (let at = 0; at < bins; at += 1) counts[at] = counts[at]! / 2;
    total /= 2;
  }

  return {
    observe: (score) => count(binOf(score)),
    observeVerdict(verdict) {
      looked[0] = verdict.rawScore;
      count(binOfLooked());
    },
    severity: (score) => {
      const bin = binOf(score);
      let above = 0;
      for (let at = bin + 1; at < bins; at += 1) above += counts[at]!;
      const within = Math.min(Math.max((score - lower(bin)) / (lower(bin + 1) - lower(bin)), 0), 1);
      const tail = (above + counts[bin]! * (1 - within)) / total;
      return Math.min(Math.max((1 - Math.min(tail, 1)) ** stretch, 0), 1);
    },
    save: (writer) => {
      writer.number(total);
      writer.column(counts, bins);
    },
    load: (reader) => {
      total = reader.number();
      reader.column(counts);
    },
  };
}

function priorTail(score: number): number {
  return Math.min(1, 0.02 * (score / 3) ** -3);
}

function lower(bin: number): number {
  return 2 ** (lowestExponent + bin / binsPerOctave);
}

const lowers = Float64Array.from({ length: bins }, (_, bin) => lower(bin));

/** Cells of a 256th of an octave: none holds more than one border of bins. The first bits of a number say in which it lies. */
const cellBits = 8;
/** The score that is looked at: as an argument of what is not inlined it would become an object. */
const looked = new Float64Array(1);
const itsWords = new Uint32Array(looked.buffer);
const firstCell = cellOf(lower(0));
const binsOfCells = Uint8Array.from({ length: (bins / binsPerOctave) << cellBits }, (_, cell) =>
  Math.floor((Math.log2(1 + (cell % (1 << cellBits)) / (1 << cellBits)) + (cell >> cellBits)) * binsPerOctave),
);

function cellOf(score: number): number {
  looked[0] = score;
  return cellOfLooked();
}

function cellOfLooked(): number {
  return itsWords[1]! >>> (20 - cellBits);
}

function binOf(score: number): number {
  looked[0] = score;
  return binOfLooked();
}

/** A logarithm of every score would cost more than what it is counted with. */
function binOfLooked(): number {
  const score = looked[0]!;
  if (!(score > lowers[0]!)) return 0;
  const cell = cellOfLooked() - firstCell;
  if (cell >= binsOfCells.length) return bins - 1;
  const bin = binsOfCells[cell]!;
  return bin + 1 < bins && score >= lowers[bin + 1]! ? bin + 1 : bin;
}
