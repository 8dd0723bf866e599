import { median } from '../forecast/theil-sen.ts';
import { waitP95Seconds } from './queue.ts';

/** One moment of a service, as it was seen. */
export interface ServiceMoment {
  readonly requestRate: number;
  readonly cpuCores: number;
  readonly latencyP95Ms: number;
  readonly replicas: number;
  readonly coresPerPod: number;
}

/** What the simulator holds of a service. */
export interface ServiceModel {
  readonly coreSecondsPerRequest: number;
  /** Latency that does not come from waiting for its own CPU: its work, and what it calls. */
  readonly baseLatencyMs: number;
  /** Spread of log(seen / modelled): how far the model can be trusted. */
  readonly errorSpread: number;
  readonly moments: number;
}

/** A size of the service under a load. */
export interface Size {
  readonly replicas: number;
  readonly coresPerPod: number;
}

const leastMoments = 12;
// The model has no word for what it has not seen: never trusted to better than this.
const leastErrorSpread = 0.05;
const floorMs = 0.1;

/** Fits the model to recent moments by medians. Undefined while there are too few with traffic. */
export function fitServiceModel(moments: readonly ServiceMoment[]): ServiceModel | undefined {
  const usable = moments.filter(
    ({ requestRate, cpuCores, latencyP95Ms, replicas, coresPerPod }) =>
      requestRate > 0 && cpuCores > 0 && latencyP95Ms > 0 && replicas > 0 && coresPerPod > 0,
  );
  if (usable.length < leastMoments) return undefined;
  const coreSecondsPerRequest = median(usable.map(({ cpuCores, requestRate }) => cpuCores / requestRate));
  const waits = usable.map((moment) => modelledWaitMs(coreSecondsPerRequest, moment.requestRate, moment));
  const calm = usable.map((moment, row) => Math.max(floorMs, moment.latencyP95Ms - waits[row])).filter(Number.isFinite);
  const baseLatencyMs = calm.length === 0 ? floorMs : median(calm);
  const errors = usable
    .map((moment, row) => Math.abs(Math.log(moment.latencyP95Ms / (baseLatencyMs + waits[row]))))
    .filter(Number.isFinite);
  const errorSpread = Math.max(leastErrorSpread, 1.4826 * (errors.length === 0 ? 1 : median(errors)));
  return { coreSecondsPerRequest, baseLatencyMs, errorSpread, moments: usable.length };
}

/** Modelled p95 latency in milliseconds; infinite where the load is beyond the size's capacity. */
export function modelledLatencyMs(model: ServiceModel, requestRate: number, size: Size): number {
  return model.baseLatencyMs + modelledWaitMs(model.coreSecondsPerRequest, requestRate, size);
}

function modelledWaitMs(coreSecondsPerRequest: number, requestRate: number, size: Size): number {
  return 1000 * waitP95Seconds(requestRate / size.replicas, { cores: size.coresPerPod, coreSecondsPerRequest });
}
