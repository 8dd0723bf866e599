/**
 * What TensorFlow's native library reads from the environment of the process, where a user has not said otherwise: one
 * thread, so that the budget of training holds, without oneDNN, which is slower for so small a network, and no greeting. A
 * worker thread has a copy of the environment that native code does not see, so it is set before any is started.
 */
export function prepareTrainingEnvironment(): void {
  process.env.TF_NUM_INTRAOP_THREADS ??= '1';
  process.env.TF_NUM_INTEROP_THREADS ??= '1';
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '0';
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
}
