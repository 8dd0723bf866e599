export type { WorldWrite } from './cluster-writes.ts';
export type { Fault, FaultKind, FaultPlan, GroundTruth } from './faults/fault.ts';
export { faultKinds } from './faults/fault.ts';
export { leakPlaces, storyFaults, storyPeriodMs, surgeRoutes } from './faults/fault-schedule.ts';
export { type NodeFailure, type NodeFailureKind, nodeFailureKinds } from './nodes/failure-plan.ts';
export { createNodeFleet, type NodeFleet, type NodeFleetOptions } from './nodes/node-fleet.ts';
export type { NodeReading } from './nodes/node-reading.ts';
export { shopNamespace, shopServices } from './shop-services.ts';
export { shopSlos } from './shop-slos.ts';
export {
  createShopWorld,
  type RestoreOptions,
  restoreShopWorld,
  type ShopScenario,
  type ShopWorld,
  type ShopWorldOptions,
  type WorldJournalEntry,
} from './shop-world.ts';
