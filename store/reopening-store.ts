import { KybernError, type Store } from '../model/index.ts';

/**
 * A store whose database may not answer yet: each question tries to open it, until that worked once. Kybern so starts
 * without its database, and the log keeps meanwhile.
 */
export function reopeningStore(name: string, open: () => Promise<Store>): Store {
  let opening: Promise<Store> | undefined;
  let opened: Store | undefined;

  async function store(): Promise<Store> {
    if (opened !== undefined) return opened;
    opening ??= open().finally(() => {
      opening = undefined;
    });
    opened = await opening;
    return opened;
  }

  const on =
    <A extends unknown[], R>(method: (store: Store) => (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> =>
      method(await store())(...args);

  return {
    name,
    writeSignals: on((own) => own.writeSignals),
    writeDecisions: on((own) => own.writeDecisions),
    ping: on((own) => own.ping),
    upkeep: async () => (await store()).upkeep?.(),
    close: async () => opened?.close(),
    incidents: on((own) => own.incidents),
    incident: on((own) => own.incident),
    anomalies: on((own) => own.anomalies),
    anomaly: on((own) => own.anomaly),
    actions: on((own) => own.actions),
    action: on((own) => own.action),
    proposals: on((own) => own.proposals),
    proposal: on((own) => own.proposal),
    audit: on((own) => own.audit),
    feedback: on((own) => own.feedback),
    feedbackById: on((own) => own.feedbackById),
    maintenance: on((own) => own.maintenance),
    maintenanceById: on((own) => own.maintenanceById),
    series: on((own) => own.series),
    points: on((own) => own.points),
    logs: on((own) => own.logs),
    trace: on((own) => own.trace),
    counts: on((own) => own.counts),
    liveSeries: on((own) => own.liveSeries),
    history: on((own) => own.history),
    pastRecords: async (query) => (await store()).pastRecords?.(query),
  };
}

/** Opens at once where that goes; a store that nobody answers for is opened later. */
export async function openNowOrLater(name: string, open: () => Promise<Store>, isAway: (error: unknown) => boolean) {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof KybernError && isAway(error))) throw error;
    return reopeningStore(name, open);
  }
}
