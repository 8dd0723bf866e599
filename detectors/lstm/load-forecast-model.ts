import { fileURLToPath } from 'node:url';
import type { ForecastModel, ForecastModelOptions } from './forecast-model.ts';
import { createModelHost } from './model-host.ts';

/** The model that is shipped: see `model/model-card.md`. */
export const shippedForecastModelPath = fileURLToPath(new URL('./model/forecast.onnx', import.meta.url));

/**
 * Loads the forecasting network into ONNX Runtime, by itself and in this thread. Rejects with KYBERN_MODEL where the file or
 * its checksum is missing, they differ, or the network is not of the expected form.
 */
export async function loadForecastModel({ path, threads, precision }: ForecastModelOptions): Promise<ForecastModel> {
  const host = createModelHost(threads, { precision });
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
