import type { RcaConfig } from '../config.ts';
import { atLeast, leastIntervals } from '../evidence/cadence.ts';
import type { Components } from '../graph/components.ts';
import { causesOf, effectsOf } from '../graph/reach.ts';
import type { OpenIncident } from './incident-book.ts';
import { foretoldSignal, type Symptom } from './symptoms.ts';

/**
 * The open incident that a new symptom belongs to: one that is not long past, and that it is causally connected with:
 * it shows at a member, trouble at a member can reach it, it can reach a member, or both follow from one thing that
 * deviates. Undefined: it is the first symptom of a new incident.
 */
export function incidentFor(
  symptom: Symptom,
  open: readonly OpenIncident[],
  components: Components,
  config: RcaConfig,
  deviates: (component: string) => boolean,
): OpenIncident | undefined {
  const at = components.keyOf(symptom.entity);
  const causes = causesOf(components, at, config.maxHops);
  const effects = effectsOf(components, at, config.maxHops);
  return open.find((incident) => {
    if (incident.state !== 'open') return false;
    const groupMs = atLeast(config.groupSeconds, leastIntervals.group, symptom.stepMs);
    if (symptom.onsetMs - incident.lastSignMs > groupMs) return false;
    if (incident.members.has(at)) return true;
    // What is still ahead has no effects: it shares a place with other trouble, and no cause.
    if (symptom.signal === foretoldSignal || incident.symptomSignal === foretoldSignal) return false;
    for (const member of incident.members) if (causes.has(member) || effects.has(member)) return true;
    for (const member of incident.members) {
      for (const shared of causesOf(components, member, config.maxHops).keys()) {
        if (causes.has(shared) && deviates(shared)) return true;
      }
    }
    return false;
  });
}
