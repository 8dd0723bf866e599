import type { Slo } from '../../model/index.ts';
import { shopNamespace } from './shop-services.ts';

/** What the shop owes its users: at the door, where they are. Healthy it answers in about half of this, without errors. */
export const shopSlos: readonly Slo[] = [
  { service: 'frontend', namespace: shopNamespace, latencyP95Ms: 350, errorRatio: 0.02 },
];
