import type { SeriesMethod } from './method.ts';
import { fitComponents, leaveResidual } from './principal-components.ts';
import { standardise } from './ridge-ar.ts';
import { overScale } from './robust-scale.ts';

const window = 60;
const share = 0.9;
const fitRows = 20_000;

/** What the principal components of windows of 60 do not tell of a window's last point. */
export const subPcaMethod: SeriesMethod = {
  name: 'pca60',
  score({ values }, fitEnd) {
    const standard = standardise(values, fitEnd);
    const read = (at: number, into: Float64Array): void => into.set(standard.subarray(at - window + 1, at + 1));
    const step = Math.max(1, Math.floor((fitEnd - window) / fitRows));
    const components = fitComponents(read, window, { from: window - 1, end: fitEnd, step }, share);
    const row = new Float64Array(window);
    const errors = standard.map((_, at) => {
      if (at < window - 1) return Number.NaN;
      read(at, row);
      leaveResidual(components, row);
      return row[window - 1]!;
    });
    return { scores: overScale(errors, standard, fitEnd) };
  },
};
