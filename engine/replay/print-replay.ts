import { type IncidentMatch, type LabelMatch, slackMs } from './match-labels.ts';
import type { ReplayResult } from './run-replay.ts';

const widest = 44;

/** The result for people: a line a label, and the totals. */
export function printReplay(name: string, result: ReplayResult): string {
  const { matches } = result;
  const lines = [
    '',
    `${name}: ${result.frames} moments, ${result.items} items; ${result.anomalies} anomalies, ${result.incidents} incidents`,
  ];
  for (const reason of result.refused) lines.push(`  refused: ${reason}`);
  if (matches.length === 0) return [...lines, '  no labels to hold it against', ''].join('\n');
  lines.push('', `  ${'label'.padEnd(18 + widest)}  found`);
  for (const match of matches) lines.push(lineOf(match));
  const hit = matches.filter(({ anomaly }) => anomaly !== undefined).length;
  lines.push(
    '',
    `  ${hit} of ${matches.length} labels had an anomaly; ${result.falseAnomalies} anomalies touch no label`,
  );
  const ofService = matches.filter(({ label }) => label.service !== undefined);
  if (ofService.length > 0) lines.push(...rankLines(ofService, result.falseIncidents));
  return [...lines, ''].join('\n');
}

function lineOf({ label, anomaly, incident }: LabelMatch): string {
  const what = [label.service ?? label.metric ?? '', label.cause ?? ''].filter((text) => text !== '').join(' ');
  const when = new Date(label.startMs).toISOString().slice(0, 16).replace('T', ' ');
  const seen = anomaly === undefined ? 'no anomaly' : `anomaly after ${inWords(anomaly.delaySeconds)}`;
  const told = label.service === undefined ? '' : `, ${toldOf(incident)}`;
  return `  ${when}  ${what.slice(0, widest).padEnd(widest)}  ${seen}${told}`;
}

function toldOf(incident: IncidentMatch | undefined): string {
  if (incident === undefined) return 'no incident';
  const how = incident.opened ? `incident after ${inWords(incident.delaySeconds)}` : 'incident open from before';
  const [first] = incident.causes;
  if (first === undefined) return `${how}, no cause`;
  const named = `${first.entity} (${first.code}, ${first.probability})`;
  const sure = incident.abstained ? ', abstained' : '';
  return incident.causeRank === 1
    ? `${how}, rank 1: ${first.code}, ${first.probability}${sure}`
    : `${how}, rank ${incident.causeRank ?? '-'}; first ${named}${sure}`;
}

/** Labels in all, with an incident of their own, with one from before, and with the true service among the first k. */
function rankLines(matches: readonly LabelMatch[], falseIncidents: number): string[] {
  const opened = matches.filter(({ incident }) => incident?.opened === true).length;
  const before = matches.filter(({ incident }) => incident?.opened === false).length;
  const lines = [
    `  ${opened} of ${matches.length} labels had an incident opened in their span and ${slackMs / 1000} s; ${before} fell into one open from before; ${falseIncidents} incidents were opened outside of all`,
    `  true service ${ranksOf(matches)}`,
    `  in the best of the incidents opened in a span: first ${bestWithin(matches, 1)}, among the first three ${bestWithin(matches, 3)}`,
  ];
  const byCause = Map.groupBy(matches, ({ label }) => label.cause ?? '');
  if (byCause.size > 1) for (const [cause, some] of byCause) lines.push(`    ${cause}: ${ranksOf(some)}`);
  return lines;
}

function bestWithin(matches: readonly LabelMatch[], k: number): number {
  return matches.filter(({ bestRank }) => (bestRank ?? k + 1) <= k).length;
}

function ranksOf(matches: readonly LabelMatch[]): string {
  const within = (k: number) => matches.filter(({ incident }) => (incident?.causeRank ?? k + 1) <= k).length;
  const sure = matches.filter(({ incident }) => incident !== undefined && !incident.abstained);
  const right = sure.filter(({ incident }) => incident?.causeRank === 1).length;
  return `first ${within(1)}, among the first three ${within(3)} of ${matches.length} (when it did not abstain: ${right} of ${sure.length} first)`;
}

function inWords(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
