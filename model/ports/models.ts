import type { ModelCard, ProcessModels, ServingChange, TrainingStatus } from '../model-version.ts';

/** Which model serves a class of series. */
export interface ServingModel {
  readonly class: string;
  /** Metrics that belong to it; one that ends in * matches all that begin so. Empty for the default: all others. */
  readonly match: readonly string[];
  readonly model: string;
  /** Since when, epoch milliseconds; 0 for the shipped one from the start. */
  readonly sinceMs: number;
}

export interface ModelOverview {
  readonly serving: readonly ServingModel[];
  /** The shipped one first, then the newest first. */
  readonly models: readonly ModelCard[];
  /** Newest first. */
  readonly history: readonly ServingChange[];
  readonly training: TrainingStatus;
  /** What each process of the group serves; absent where there is one process. */
  readonly processes?: readonly ProcessModels[];
}

/** Where people see to the versions of the forecasting network. Each rejects with a KybernError. */
export interface ModelDesk {
  overview(): ModelOverview;
  /** Throws KYBERN_NOT_FOUND. */
  card(id: string): ModelCard;
  /** Resolves once it serves. `force` overrides the comparison with the serving model. */
  promote(
    id: string,
    who: string,
    options: { readonly reason?: string; readonly force?: boolean },
  ): Promise<ServingChange>;
  rollback(modelClass: string, who: string, reason?: string): Promise<ServingChange>;
  /** Keeps an ONNX file as a version, and judges it. */
  import(modelClass: string, onnx: Uint8Array, who: string, note?: string): Promise<ModelCard>;
  /** Begins fine-tuning for a class in the background. */
  train(modelClass: string, who: string): Promise<TrainingStatus>;
}

/** Fine-tuning in the background: one run at a time. */
export interface ModelTrainer {
  /** Rejects with KYBERN_CONFLICT while one is under way, and with KYBERN_UNAVAILABLE where this process cannot train. */
  start(request: { readonly class: string; readonly reason: string }): Promise<void>;
  status(): TrainingStatus;
}
