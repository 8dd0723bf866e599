/** One thing wrong with the configuration. */
export interface ConfigProblem {
  /** Where: `kybern.yaml:12`, `environment KYBERN_SERVER__PORT`, or `--port`. */
  readonly where: string;
  readonly path: string;
  readonly message: string;
}
