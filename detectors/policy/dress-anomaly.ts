import type { Anomaly, Suppression } from '../../model/index.ts';

/** A detector's revision of an anomaly, with what is known of it here: why it is held back, what else moved, whose it is. */
export function dressAnomaly(
  anomaly: Anomaly,
  suppressed: Suppression | undefined,
  { alsoMoved = [], team, toldAt }: Pick<Anomaly, 'alsoMoved' | 'team' | 'toldAt'>,
): Anomaly {
  const { suppressed: _, alsoMoved: _moved, team: _team, toldAt: _at, ...bare } = anomaly;
  return {
    ...bare,
    ...(suppressed === undefined ? {} : { suppressed }),
    ...(suppressed !== undefined || toldAt === undefined ? {} : { toldAt }),
    ...(alsoMoved.length === 0 ? {} : { alsoMoved }),
    ...(team === undefined ? {} : { team }),
  };
}
