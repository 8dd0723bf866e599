import { CoreV1Api, type CoreV1Event, type KubeConfig, Watch } from '@kubernetes/client-node';
import { type Clock, type ClusterEvent, contentId, type EntityRef, workloadKinds } from '../../model/index.ts';

interface WatchDeps {
  readonly config: KubeConfig;
  /** A namespace each, or undefined for all. */
  readonly namespaces: readonly (string | undefined)[];
  readonly clock: Clock;
  readonly report: (events: readonly ClusterEvent[]) => void;
  readonly signal: AbortSignal;
}

const longestPauseMs = 30_000;

/**
 * Lists, then watches, the cluster's events until the signal aborts. A broken connection goes on from the last version
 * seen; a version that is gone (410) lists anew; a failing server is asked again with growing pauses.
 */
export async function watchEvents(deps: WatchDeps): Promise<void> {
  await Promise.all(deps.namespaces.map((namespace) => watchNamespace(deps, namespace)));
}

async function watchNamespace(deps: WatchDeps, namespace: string | undefined): Promise<void> {
  const core = deps.config.makeApiClient(CoreV1Api);
  const watch = new Watch(deps.config);
  const path = namespace === undefined ? '/api/v1/events' : `/api/v1/namespaces/${namespace}/events`;
  let version: string | undefined;
  let pauseMs = 500;

  while (!deps.signal.aborted) {
    try {
      // What happened before the first look is history: a version to start from is all that is needed of the list.
      version ??= await currentVersion(core, namespace);
      await watchOnce(watch, path, version, deps.signal, (phase, event) => {
        version = event.metadata?.resourceVersion ?? version;
        pauseMs = 500;
        if (phase === 'ADDED' || phase === 'MODIFIED') deps.report([convertEvent(event, deps.clock.now())]);
      });
    } catch (error) {
      if (isGone(error)) version = undefined;
      await deps.clock.sleep(pauseMs, deps.signal);
      pauseMs = Math.min(longestPauseMs, pauseMs * 2);
    }
  }
}

async function currentVersion(core: CoreV1Api, namespace: string | undefined): Promise<string> {
  const list =
    namespace === undefined
      ? await core.listEventForAllNamespaces({ limit: 1 })
      : await core.listNamespacedEvent({ namespace, limit: 1 });
  return list.metadata?.resourceVersion ?? '';
}

function watchOnce(
  watch: Watch,
  path: string,
  resourceVersion: string,
  signal: AbortSignal,
  seen: (phase: string, event: CoreV1Event) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let controller: AbortController | undefined;
    const stop = () => controller?.abort();
    const done = (error: unknown) => {
      signal.removeEventListener('abort', stop);
      if (error === undefined || error === null || signal.aborted) resolve();
      else reject(error);
    };
    let gone: unknown;
    watch
      .watch(
        path,
        { resourceVersion, allowWatchBookmarks: true },
        (phase, object: CoreV1Event) => {
          if (phase === 'ERROR') gone = object;
          else seen(phase, object);
        },
        (error) => done(gone ?? error),
      )
      .then((started) => {
        controller = started;
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop, { once: true });
      }, done);
  });
}

function isGone(error: unknown): boolean {
  const status = error as { code?: unknown; statusCode?: unknown };
  return status.code === 410 || status.statusCode === 410;
}

/**
 * A Kubernetes Event as a fact about its object. Whether it was a rollout is not read from it: ScalingReplicaSet tells of
 * plain scaling too, so changes come from comparing snapshots.
 */
export function convertEvent(event: CoreV1Event, nowMs: number): ClusterEvent {
  const atMs = new Date(event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp ?? nowMs).getTime();
  return {
    id: contentId('evt', event.metadata?.uid ?? '', event.count ?? 1),
    atMs,
    entity: entityOfObject(event.involvedObject),
    reason: event.reason ?? 'Unknown',
    type: event.type === 'Warning' ? 'Warning' : 'Normal',
    message: event.message ?? '',
  };
}

function entityOfObject(object: { kind?: string; namespace?: string; name?: string }): EntityRef {
  const { kind = '', namespace = '', name = '' } = object;
  if (kind === 'Pod') return { kind: 'pod', namespace, name };
  if (kind === 'Node') return { kind: 'node', namespace: '', name };
  if ((workloadKinds as readonly string[]).includes(kind))
    return { kind: 'workload', namespace, name: `${kind}/${name}` };
  return { kind: 'namespace', namespace: '', name: namespace };
}
