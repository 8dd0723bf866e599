import { fileURLToPath } from 'node:url';
import type { ForecastModel, ForecastModelOptions } from './forecast-model.ts';
import { createModelHost, type ModelHost } from './model-host.ts';
import { openModelThread } from './model-thread-host.ts';

/** The model that is shipped: see `model/model-card.md`. */
export const shippedForecastModelPath = fileURLToPath(new URL('./model/forecast.onnx', import.meta.url));

/**
 * Loads the forecasting network into ONNX Runtime. Rejects with KYBERN_MODEL where the file or its checksum is missing,
 * they differ, or the network is not of the expected form.
 */
export function loadForecastModel({ path, threads, precision }: ForecastModelOptions): Promise<ForecastModel> {
  return openAlone(createModelHost(threads, { precision }), path);
}

/** The same in a thread of its own: see {@link openModelThread}. Rejects as {@link loadForecastModel} does. */
export function loadThreadedForecastModel({ path, threads, precision }: ForecastModelOptions): Promise<ForecastModel> {
  return openAlone(openModelThread(threads, { precision }), path);
}

/** One model that takes its host with it when it closes. */
async function openAlone(host: ModelHost, path: string): Promise<ForecastModel> {
  try {
    const model = host.open(await host.prepare(path));
    const { close } = model;
    model.close = async () => {
      await close();
      await host.close();
    };
    return model;
  } catch (error) {
    await host.close();
    throw error;
  }
}
