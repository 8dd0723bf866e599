const bins = 10;
/** Looks below this confidence say nothing to anyone, and are nearly all. */
const least = 0.05;

/** Whether what was said to happen with a probability happened as often: by bins of a tenth. */
export function createReliability() {
  const said = new Float64Array(bins);
  const came = new Float64Array(bins);
  const looks = new Float64Array(bins);
  return {
    note(probability: number, happened: boolean): void {
      if (probability < least) return;
      const bin = Math.min(bins - 1, Math.floor(probability * bins));
      said[bin]! += probability;
      looks[bin]! += 1;
      if (happened) came[bin]! += 1;
    },
    /** `error` is the expected calibration error: the mean distance, weighted by looks. */
    figures(): { readonly figures: Record<string, number>; readonly error: number } {
      const total = looks.reduce((sum, count) => sum + count, 0);
      let error = 0;
      const figures: Record<string, number> = {};
      for (let bin = 0; bin < bins; bin += 1) {
        if (looks[bin] === 0) continue;
        const [mean, share] = [said[bin]! / looks[bin]!, came[bin]! / looks[bin]!];
        error += (looks[bin]! / total) * Math.abs(mean - share);
        figures[`failed of those told ${bin * 10} to ${bin * 10 + 10} %`] = share;
      }
      figures.calibrationError = error;
      return { figures, error };
    },
  };
}
