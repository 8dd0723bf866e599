import { createDetectors, type DetectorsConfig } from '../../detectors/index.ts';
import { createModelHost, type ForecastModel, type HostOptions, type ModelHost } from '../../detectors/lstm/index.ts';
import { defaultModelClass } from '../../model/index.ts';
import type { DetectorHost } from './detector-host.ts';

/** ONNX Runtime threads for one step: what is beside it has the other cores. */
const threads = 1;

/** Detectors in the caller's thread, and what `openHost` gives for their networks. */
export function createLocalDetectorHost(
  config: DetectorsConfig,
  opened?: HostOptions['opened'],
  openHost: (threads: number, options: HostOptions) => ModelHost = createModelHost,
): DetectorHost {
  const host = openHost(threads, {
    precision: config.models.precision,
    ...(opened === undefined ? {} : { opened }),
  });
  const held = new Map<string, ForecastModel>();

  return {
    prepare: host.prepare,
    hold(modelClass, sha256) {
      const known = held.get(modelClass);
      if (known === undefined) held.set(modelClass, host.open(sha256));
      else known.use(sha256);
    },
    create({ networks, ...deps }) {
      const modelOf = (name: string) => host.open(networks.get(name)!);
      const model = modelOf(defaultModelClass);
      const classModels = config.models.classes.map((one) => ({ ...one, model: modelOf(one.name) }));
      const detectors = createDetectors({ ...deps, config, model, classModels });
      return {
        ...detectors,
        close() {
          for (const one of [model, ...classModels.map((each) => each.model)]) void one.close();
        },
      };
    },
    close: host.close,
  };
}
