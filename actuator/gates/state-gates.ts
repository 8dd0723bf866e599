import { toEpochMs } from '../../model/index.ts';
import { positionOfAll } from '../changes/change-position.ts';
import { allow, deny, type Gate } from './gate.ts';

const clockSkewMs = 60_000;

/** The proposal has not expired, and the telemetry behind it is recent: no acting on yesterday's evidence. */
export const freshGate: Gate = ({ proposal, reverting, nowMs, config }) => {
  if (reverting) return allow('fresh', 'an undo rests on the live object');
  if (proposal === undefined) return deny('fresh', 'its proposal is not known');
  if (proposal.state !== 'open' && proposal.state !== 'taken')
    return deny('fresh', `its proposal is ${proposal.state}`);
  const leftMs = toEpochMs(proposal.expiresAt) - nowMs;
  if (!(leftMs > 0)) return deny('fresh', `expired at ${proposal.expiresAt}`);
  const ageMs = nowMs - toEpochMs(proposal.updatedAt ?? proposal.createdAt);
  if (ageMs < -clockSkewMs) return deny('fresh', `its evidence is ${seconds(-ageMs)} in the future`);
  return ageMs <= config.freshnessSeconds * 1000
    ? allow('fresh', `evidence is ${seconds(ageMs)} old`)
    : deny('fresh', `evidence is ${seconds(ageMs)} old, limit ${config.freshnessSeconds} s`);
};

/**
 * No rollout under way. A remedy for a diagnosed incident may act on a rollout that is stuck (its pods crash: that is the
 * broken state it heals), but not on a spec that the controller has not even seen.
 */
export const rolloutGate: Gate = ({ workload, proposal, reverting }) => {
  if (workload === undefined) return deny('rollout', 'the object does not exist');
  const { generation, observedGeneration, updatedReplicas, replicas } = workload;
  if (observedGeneration < generation) {
    return deny('rollout', `generation ${generation} is not observed yet (${observedGeneration})`);
  }
  if (updatedReplicas >= replicas) return allow('rollout', 'none under way');
  const detail = `${updatedReplicas} of ${replicas} replicas updated`;
  return reverting || proposal?.source === 'diagnosis' ? allow('rollout', `${detail}, stuck`) : deny('rollout', detail);
};

/** Two scalers on one workload fight: with another one in charge Kybern only recommends. */
export const otherOwnerGate: Gate = ({ workload }) =>
  workload?.otherScaler === undefined
    ? allow('other-owner', 'none')
    : deny('other-owner', `${workload.otherScaler} owns this target`);

/** The live object is still what the proposal was made for. */
export const unchangedGate: Gate = ({ action, changes, workload, pods }) => {
  if (workload === undefined) return deny('unchanged', 'the object does not exist');
  const position = positionOfAll(changes, { workload, pods }, action.id);
  if (position === 'from') return allow('unchanged', 'as it was proposed for');
  return deny('unchanged', position === 'to' ? 'already as wanted' : 'the live object has changed since');
};

/** One action at a time: a call whose fate is not known yet holds back all others on the target. */
export const inFlightGate: Gate = ({ otherActions }) => {
  const other = otherActions.find((action) => action.state === 'intended' || action.state === 'unknown');
  return other === undefined ? allow('in-flight', 'none') : deny('in-flight', `${other.id} is ${other.state}`);
};

/** Too many nodes down at once is an outage of the cluster's own, which no change to a workload heals. */
export const clusterHealthGate: Gate = ({ cluster, config }) => {
  const nodes = cluster?.nodes ?? [];
  if (nodes.length === 0) return allow('cluster-health', 'no nodes are known');
  const down = nodes.filter((node) => !node.ready).length;
  const detail = `${down} of ${nodes.length} nodes not ready`;
  return down / nodes.length > config.haltUnreadyRatio
    ? deny('cluster-health', detail)
    : allow('cluster-health', detail);
};

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}
