import type { ReplayResult } from './run-replay.ts';

/** The result for people: a line a label, and the totals. */
export function printReplay(name: string, result: ReplayResult): string {
  const lines = [
    '',
    `${name}: ${result.frames} moments, ${result.items} items; ${result.anomalies} anomalies, ${result.incidents} incidents`,
  ];
  for (const reason of result.refused) lines.push(`  refused: ${reason}`);
  if (result.matches.length === 0) return [...lines, '  no labels to hold it against', ''].join('\n');
  lines.push('', '  label                                              found');
  for (const { label, anomaly, causeRank, incidentId } of result.matches) {
    const what = [label.service ?? label.metric ?? '', label.cause ?? ''].filter((text) => text !== '').join(' ');
    const when = new Date(label.startMs).toISOString().slice(0, 16).replace('T', ' ');
    const seen = anomaly === undefined ? 'no anomaly' : `anomaly after ${formatSeconds(anomaly.delaySeconds)}`;
    const cause =
      label.service === undefined
        ? ''
        : incidentId === undefined
          ? ', no incident'
          : causeRank === undefined
            ? ', incident, other causes'
            : `, incident, cause at rank ${causeRank}`;
    lines.push(`  ${when}  ${what.slice(0, 40).padEnd(40)}  ${seen}${cause}`);
  }
  const hit = result.matches.filter(({ anomaly }) => anomaly !== undefined).length;
  lines.push(
    '',
    `  ${hit} of ${result.matches.length} labels had an anomaly; ${result.falseAnomalies} anomalies touch no label`,
  );
  const withService = result.matches.filter(({ label }) => label.service !== undefined);
  if (withService.length > 0) {
    const rankOne = withService.filter(({ causeRank }) => causeRank === 1).length;
    const rankThree = withService.filter(({ causeRank }) => causeRank !== undefined && causeRank <= 3).length;
    lines.push(`  true service first: ${rankOne} of ${withService.length}; among the first three: ${rankThree}`);
  }
  return [...lines, ''].join('\n');
}

function formatSeconds(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
