import {
  type ForecastModel,
  loadForecastModel,
  loadThreadedForecastModel,
  shippedForecastModelPath,
} from '../../detectors/lstm/index.ts';
import type { KybernConfig } from '../config/kybern-config.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';

/** The network that the configuration names, in this thread or one of its own. Rejects with KYBERN_MODEL. */
export async function openModel(config: KybernConfig['detectors'], lifecycle: Lifecycle): Promise<ForecastModel> {
  const load = config.modelThread ? loadThreadedForecastModel : loadForecastModel;
  const model = await load({ path: config.modelPath || shippedForecastModelPath, threads: 1 });
  lifecycle.onClose('model', () => model.close());
  return model;
}
