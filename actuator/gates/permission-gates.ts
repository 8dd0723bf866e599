import { annotations, type Mode, modes, optInLabel, type WorkloadState } from '../../model/index.ts';
import { allow, deny, type Gate } from './gate.ts';

/** Only objects whose owner labelled them are touched. */
export const optInGate: Gate = ({ workload, config }) => {
  if (workload === undefined) return deny('opt-in', 'the object does not exist');
  if (!config.requireOptIn) return allow('opt-in', 'no label is required');
  const label = workload.labels[optInLabel];
  return label === 'true'
    ? allow('opt-in', `labelled ${optInLabel}=true`)
    : deny('opt-in', `label ${optInLabel} is ${label === undefined ? 'missing' : `"${label}"`}`);
};

/** The narrower of the installation's mode and the object's annotation; an unknown word reads as observe. */
export function effectiveMode(global: Mode, workload: WorkloadState | undefined): Mode {
  const wanted = workload?.annotations[annotations.mode];
  if (wanted === undefined) return global;
  const own = modes.indexOf(wanted as Mode);
  return modes[Math.min(modes.indexOf(global), Math.max(own, 0))];
}

/** Auto mode acts alone on the sources it is trusted with; everything else waits for a person. */
export const modeGate: Gate = ({ workload, mode, action, proposal, reverting, config }) => {
  const effective = effectiveMode(mode, workload);
  const byPerson = action.approvedBy !== undefined && action.approvedBy !== 'auto';
  if (effective === 'observe' || effective === 'recommend') return deny('mode', `mode is ${effective}`);
  if (byPerson) return allow('mode', `approved by ${action.approvedBy}`);
  if (effective === 'approve') return deny('mode', 'waits for approval');
  const trusted = reverting || (proposal !== undefined && config.autoSources.includes(proposal.source));
  return trusted ? allow('mode', 'auto') : deny('mode', `waits for approval: source ${proposal?.source ?? 'unknown'}`);
};

/** The owner's own brake, an annotation. */
export const pausedGate: Gate = ({ workload }) => {
  const paused = workload?.annotations[annotations.paused];
  return paused === undefined || paused === 'false'
    ? allow('paused', 'not paused')
    : deny('paused', `annotation ${annotations.paused}=${paused}`);
};

export const killSwitchGate: Gate = ({ stopped }) =>
  stopped === undefined ? allow('kill-switch', 'off') : deny('kill-switch', stopped);

/** One replica decides; and nobody does without a trustworthy audit log. */
export const leaderGate: Gate = ({ leads, auditIntact }) => {
  if (!leads) return deny('leader', 'another replica decides');
  return auditIntact ? allow('leader', 'this replica decides') : deny('leader', 'the audit chain is broken');
};
