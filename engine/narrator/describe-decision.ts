import {
  type Action,
  type Anomaly,
  type Change,
  type Decision,
  describeEntity,
  type Incident,
  type Proposal,
} from '../../model/index.ts';

/** Severity from which a single anomaly is worth a line. */
const clearSeverity = 0.99;

export interface NarrationLine {
  /** Event time of what is told, epoch milliseconds. */
  readonly atMs: number;
  /** One word for the left column. */
  readonly word: string;
  readonly text: string;
  readonly tone: 'calm' | 'bad' | 'good' | 'act';
}

/**
 * Tells decisions in plain lines, and each thing once: what changed since the last telling is remembered here. Of the
 * anomalies only clear ones are told, one for each signal of an entity's kind, and none while an incident is open that
 * they belong to; the rest and the audit records are left to the API.
 */
export function createDescriber(): (decision: Decision) => readonly NarrationLine[] {
  const told = new Map<string, string>();
  const open = new Set<string>();

  function isNew(key: string, content: string): boolean {
    if (told.get(key) === content) return false;
    told.set(key, content);
    return true;
  }

  return function describeDecision(decision) {
    switch (decision.type) {
      case 'anomaly': {
        const anomaly = decision.value;
        if (
          anomaly.state !== 'firing' ||
          anomaly.suppressed !== undefined ||
          anomaly.severity < clearSeverity ||
          open.size > 0
        )
          return [];
        if (!isNew(`${anomaly.signal}/${familyOf(anomaly)}`, anomaly.onset.slice(0, 16))) return [];
        return [line(anomaly.detectedAt, 'anomaly', `${describeEntity(anomaly.entity)}: ${anomaly.reason}`, 'calm')];
      }
      case 'incident':
        if (decision.value.state === 'open') open.add(decision.value.id);
        else open.delete(decision.value.id);
        return describeIncident(decision.value, isNew);
      case 'proposal': {
        const proposal = decision.value;
        if (proposal.state !== 'open' || !isNew(proposal.id, 'open')) return [];
        return [line(proposal.createdAt, 'proposal', describeProposal(proposal), 'act')];
      }
      case 'action': {
        const action = decision.value;
        if (!isNew(action.id, action.state)) return [];
        return [describeAction(action)];
      }
      case 'audit':
      case 'feedback':
      case 'maintenance':
        return [];
    }
  };
}

// Pods of one workload tell the same story: only the first of them is heard.
function familyOf({ entity }: Anomaly): string {
  return entity.kind === 'pod' ? entity.name.split('-').slice(0, -2).join('-') : entity.name;
}

function describeIncident(incident: Incident, isNew: (key: string, content: string) => boolean): NarrationLine[] {
  const lines: NarrationLine[] = [];
  if (incident.state === 'resolved') {
    if (isNew(incident.id, 'resolved'))
      lines.push(line(incident.resolvedAt ?? incident.updatedAt, 'resolved', incident.title, 'good'));
    return lines;
  }
  if (isNew(incident.id, 'open')) {
    lines.push(line(incident.openedAt, 'INCIDENT', `${incident.title} (${incident.severity}, ${incident.id})`, 'bad'));
  }
  const [first] = incident.diagnosis.causes;
  if (first === undefined || incident.diagnosis.abstained) return lines;
  if (!isNew(`${incident.id}/cause`, `${describeEntity(first.entity)} ${first.code}`)) return lines;
  const path = first.path.map((step) => step.entity.name).join(' → ');
  const percent = Math.round(first.probability * 100);
  lines.push(
    line(incident.updatedAt, 'cause', `${describeEntity(first.entity)}: ${first.title}, ${percent} % (${path})`, 'bad'),
  );
  for (const evidence of first.evidence.slice(0, 3)) {
    lines.push(line(incident.updatedAt, evidence.supports ? '  for' : '  against', evidence.text, 'calm'));
  }
  return lines;
}

function describeProposal(proposal: Proposal): string {
  const changes = proposal.changes.map(describeChange).join(' and ');
  return `${proposal.target.kind}/${proposal.target.name}: ${changes}, because ${proposal.reasons[0] ?? 'of its forecast'}`;
}

/** `scale 2 → 4`, `memory limit 256 MiB → 512 MiB`, `restart`. */
export function describeChange(change: Change): string {
  if (change.type === 'scale') return `scale ${change.from} → ${change.to}`;
  if (change.type === 'restart') return 'restart';
  const { from, to } = change;
  const parts: string[] = [];
  if (from.limits.memoryBytes !== to.limits.memoryBytes) {
    parts.push(`memory limit ${mebibytes(from.limits.memoryBytes)} → ${mebibytes(to.limits.memoryBytes)}`);
  }
  if (from.limits.cpuCores !== to.limits.cpuCores) {
    parts.push(`CPU limit ${from.limits.cpuCores ?? 'none'} → ${to.limits.cpuCores ?? 'none'} cores`);
  }
  if (from.requests.memoryBytes !== to.requests.memoryBytes && parts.length === 0) {
    parts.push(`memory request ${mebibytes(from.requests.memoryBytes)} → ${mebibytes(to.requests.memoryBytes)}`);
  }
  if (from.requests.cpuCores !== to.requests.cpuCores && parts.length === 0) {
    parts.push(`CPU request ${from.requests.cpuCores ?? 'none'} → ${to.requests.cpuCores ?? 'none'} cores`);
  }
  return `${parts.join(', ') || 'resources'}${change.method === 'in-place' ? ' in place' : ''}`;
}

function describeAction(action: Action): NarrationLine {
  const target = `${action.target.kind}/${action.target.name}`;
  const tone =
    action.state === 'verified' ? 'good' : action.state === 'failed' || action.state === 'unknown' ? 'bad' : 'act';
  const text = action.state === 'verified' && action.outcome !== undefined ? action.outcome.text : action.detail;
  return line(
    action.updatedAt,
    action.state,
    `${target}: ${action.changes.map(describeChange).join(' and ')}; ${text}`,
    tone,
  );
}

function mebibytes(bytes: number | undefined): string {
  return bytes === undefined ? 'none' : `${Math.round(bytes / 1_048_576)} MiB`;
}

function line(at: string, word: string, text: string, tone: NarrationLine['tone']): NarrationLine {
  return { atMs: Date.parse(at), word, text, tone };
}
