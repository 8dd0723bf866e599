export interface Lifecycle {
  /** Registers what to do at the end; the last registered is ended first. */
  onClose(name: string, close: () => Promise<void> | void): void;
  /** Runs a loop until the end. A loop that throws is a defect: `failed` is told and the engine closes. */
  loop(name: string, run: (signal: AbortSignal) => Promise<void>): void;
  readonly signal: AbortSignal;
  /** Ends loops, then everything registered, in reverse order. A second call joins the first. */
  close(): Promise<void>;
}

/** What was started is ended in reverse order, by registration, so that no list of parts must be kept by hand. */
export function createLifecycle(failed: (name: string, error: unknown) => void): Lifecycle {
  const controller = new AbortController();
  const ends: { name: string; close: () => Promise<void> | void }[] = [];
  let closing: Promise<void> | undefined;

  async function closeAll(): Promise<void> {
    controller.abort();
    for (const { name, close } of ends.reverse()) {
      try {
        await close();
      } catch (error) {
        failed(name, error);
      }
    }
  }

  return {
    onClose: (name, close) => ends.push({ name, close }),
    loop(name, run) {
      const own = new AbortController();
      const running = run(own.signal).catch((error: unknown) => {
        if (!own.signal.aborted) failed(name, error);
      });
      ends.push({
        name,
        close: async () => {
          own.abort();
          await running;
        },
      });
    },
    signal: controller.signal,
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}
