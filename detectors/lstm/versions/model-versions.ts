import type { HeldOutErrors, KybernError, ModelCard, ServingChange, TrainedOn } from '../../../model/index.ts';

/** A card as its maker hands it in: the versions give it an id and judge it. */
export interface NewModelCard
  extends Pick<
    ModelCard,
    'class' | 'origin' | 'parent' | 'seed' | 'seconds' | 'trainedOn' | 'heldOut' | 'against' | 'by' | 'note'
  > {
  /** SHA-256 of the bytes, hex. */
  readonly sha256: string;
}

export interface ChangeRequest {
  readonly by: string;
  readonly reason: string;
}

/**
 * The versions of the forecasting network that are kept, and which of them serves which class. What serves
 * survives a restart; each change is recorded with who and why.
 */
export interface ModelVersions {
  /** The shipped one first, then the newest first. */
  list(): readonly ModelCard[];
  get(id: string): ModelCard | undefined;
  /** Names of the classes, `default` first. */
  readonly classes: readonly string[];
  /** Class of a metric's series. */
  classOf(metric: string): string;
  /** Id of the model that serves a class. Throws KYBERN_NOT_FOUND for an unknown class. */
  servingOf(modelClass: string): string;
  /** Since when, epoch milliseconds; 0 for the shipped one from the start. */
  sinceMsOf(modelClass: string): number;
  /** Id of the model that was brought into use last, `shipped` where none was: another where `takeIn` could not. */
  inUse(modelClass: string): string;
  /** ONNX file of a version, its SHA-256 beside it. Throws KYBERN_NOT_FOUND. */
  pathOf(id: string): string;
  /** Newest last. */
  history(): readonly ServingChange[];
  /**
   * Makes a version durable, judges it and, where the configuration says `promote: auto`, lets it serve. Answers the card
   * as it stands then: `judging` where it comes without errors on held-back history, which are then found. Rejects with KYBERN_MODEL
   * where the bytes are no network of the expected form, or are not those that the card's SHA-256 names.
   */
  add(card: NewModelCard, bytes: Uint8Array): Promise<ModelCard>;
  /**
   * Lets a version serve its class. Where another model serves than it was compared with, that is made up for first, and
   * KYBERN_CONFLICT says so. `force`
   * overrides the comparison with the serving model, nothing else. Rejects with KYBERN_NOT_FOUND, KYBERN_CONFLICT
   * (refused by the gate, or serving already) or KYBERN_MODEL.
   */
  promote(id: string, request: ChangeRequest & { readonly force?: boolean }): Promise<ServingChange>;
  /** Lets that serve again which served a class before the present one. Rejects with KYBERN_NOT_FOUND or KYBERN_CONFLICT. */
  rollback(modelClass: string, request: ChangeRequest): Promise<ServingChange>;
  /**
   * Reads anew what is kept, for others may have written there too, brings what serves into use, and judges what waits for
   * it where this process judges. Tells of the classes
   * in which that failed, and why: they are served as before, and the next call tries again.
   */
  takeIn(): Promise<ReadonlyMap<string, KybernError>>;
  /** Resolves once no version is being judged. */
  settled(): Promise<void>;
  /** The shipped one serves, because what should cannot: nothing is loaded for it, the caller has done so. */
  fallBack(modelClass: string, reason: string): Promise<ServingChange>;
}

/** Where a change comes into force. */
export interface ServingNetworks {
  /** Loads a file, so that it can serve; answers its SHA-256. Rejects with KYBERN_MODEL. */
  prepare(path: string): Promise<string>;
  /** Series of the class are forecast by it from now on. */
  use(modelClass: string, sha256: string): Promise<void>;
}

/**
 * Errors of a model file on held-back history of a class, beside the serving one's: what an imported model is judged by.
 * Undefined where there is no history to judge by. Rejects with KYBERN_MODEL where the file cannot be loaded.
 */
export type EvaluateModel = (
  modelClass: string,
  candidatePath: string,
  servingPath: string,
) => Promise<{ readonly heldOut: HeldOutErrors; readonly history: TrainedOn } | undefined>;
