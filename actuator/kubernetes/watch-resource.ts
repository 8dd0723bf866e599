import type { KubeConfig, V1ObjectMeta } from '@kubernetes/client-node';
import type { Clock, Metrics, Random } from '../../model/index.ts';
import { type ApiAnswer, jsonOf, linesOf, openApiStream } from './api-stream.ts';

/** What every object of the API has. */
export interface Listed {
  readonly metadata?: V1ObjectMeta;
}

/** One kind of object to follow. */
export interface WatchedResource<T extends Listed> {
  /** In metrics: `pods`. */
  readonly name: string;
  /** Of its list: `/api/v1/pods`. */
  readonly path: string;
  /** Ask for metadata alone. */
  readonly metadataOnly?: boolean;
  /** History is of no interest: only a version to start from is taken from the list. */
  readonly latestOnly?: boolean;
  /** All there are; again after every gap. */
  readonly listed: (items: readonly T[]) => void;
  readonly changed: (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T) => void;
}

export interface WatchRim {
  /** The access as it is now. */
  readonly config: () => KubeConfig;
  /** The server took the credentials for none: they are read from their file again. */
  readonly refused: () => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
}

/** The server ends a watch after this long, with a bookmark just before: so the version never grows old. */
const watchSeconds = 40;
/** Longer silence is a dead connection: a live one would have been ended by the server. */
const silenceSeconds = 50;
const listSeconds = 30;
const firstPauseMs = 500;
const longestPauseMs = 30_000;
const forbiddenPauseMs = 300_000;
const pageItems = 500;
const longestObject = 16 * 1024 * 1024;
const longestPage = 256 * 1024 * 1024;

/** An answer that is no success, or an ERROR in the stream. */
class Refused extends Error {
  readonly status: number;
  readonly waitMs: number;

  constructor(status: number, waitMs: number) {
    super(`status ${status}`);
    this.status = status;
    this.waitMs = waitMs;
  }
}

/**
 * Lists, then watches, until the signal aborts (kubernetes.io, "API concepts", efficient detection of changes): goes on
 * from the last version, which bookmarks move too; lists anew where that is gone (410, as a status or in the stream);
 * notices a connection that says nothing more; waits as a 429 asks, and longer each time, with jitter, where a server
 * fails.
 */
export async function watchResource<T extends Listed>(rim: WatchRim, resource: WatchedResource<T>): Promise<void> {
  const labels = { resource: resource.name };
  const lists = rim.metrics.counter('kybern_kubernetes_lists_total', 'Lists before a watch.', ['resource']);
  const watches = rim.metrics.counter('kybern_kubernetes_watches_total', 'Watches by how they ended.', [
    'resource',
    'end',
  ]);
  const events = rim.metrics.counter('kybern_kubernetes_watch_events_total', 'Events of watches.', ['resource']);
  let version: string | undefined;
  let failures = 0;

  async function open(query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<ApiAnswer> {
    const ask = { path: resource.path, query, metadataOnly: resource.metadataOnly === true };
    const answer = await openApiStream(rim.config(), ask, signal);
    if (answer.status === 200) return answer;
    answer.body.destroy();
    throw new Refused(answer.status, answer.retryAfterSeconds * 1000);
  }

  async function list(): Promise<string> {
    const items: T[] = [];
    let query: Record<string, string> = { limit: String(resource.latestOnly ? 1 : pageItems) };
    for (;;) {
      const signal = AbortSignal.any([rim.signal, AbortSignal.timeout(listSeconds * 1000)]);
      const { body } = await open(query, signal);
      const page = (await jsonOf(body, longestPage)) as {
        metadata?: V1ObjectMeta & { continue?: string };
        items?: T[];
      };
      const { resourceVersion = '', continue: next = '' } = page.metadata ?? {};
      if (!resource.latestOnly) items.push(...(page.items ?? []));
      if (next === '' || resource.latestOnly) {
        lists.add(1, labels);
        if (!resource.latestOnly) resource.listed(items);
        return resourceVersion;
      }
      query = { limit: String(pageItems), continue: next };
    }
  }

  function take(line: string): void {
    if (line === '') return;
    const { type, object } = JSON.parse(line) as { type: string; object: T & { code?: number } };
    if (type === 'ERROR') throw new Refused(object.code ?? 0, 0);
    version = object.metadata?.resourceVersion ?? version;
    failures = 0;
    if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED') return;
    events.add(1, labels);
    resource.changed(type, object);
  }

  async function watch(from: string): Promise<void> {
    const ended = new AbortController();
    const signal = AbortSignal.any([rim.signal, ended.signal]);
    let silent = 0;
    let dead = false;
    const heard = () => {
      silent = 0;
    };
    const watchdog = (async () => {
      while (await rim.clock.sleep(1000, signal)) {
        if (++silent <= silenceSeconds) continue;
        dead = true;
        ended.abort();
      }
    })();
    try {
      const { body } = await open(
        { watch: 'true', allowWatchBookmarks: 'true', resourceVersion: from, timeoutSeconds: String(watchSeconds) },
        signal,
      );
      heard();
      for await (const line of linesOf(body, longestObject, heard)) take(line);
      watches.add(1, { ...labels, end: 'closed' });
    } catch (error) {
      if (!dead) throw error;
      watches.add(1, { ...labels, end: 'silent' });
    } finally {
      ended.abort();
      await watchdog;
    }
  }

  function pauseAfter(error: unknown): number {
    const { status, waitMs } = error instanceof Refused ? error : { status: 0, waitMs: 0 };
    watches.add(1, { ...labels, end: status === 0 ? 'broken' : String(status) });
    if (status === 401) rim.refused();
    if (status === 410) {
      version = undefined;
      // Once at once; a server that says so again and again is not to be hammered with lists.
      if (failures++ === 0) return 0;
    }
    if (status === 403 || status === 404) return forbiddenPauseMs;
    const backoff = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(10, failures++));
    return Math.max(waitMs, backoff * (0.5 + rim.random() / 2));
  }

  while (!rim.signal.aborted) {
    const startedMs = rim.clock.now();
    try {
      version ??= await list();
      await watch(version);
      // A server that ends watches at once would otherwise be asked in a tight loop.
      if (rim.clock.now() - startedMs < firstPauseMs) await rim.clock.sleep(firstPauseMs, rim.signal);
    } catch (error) {
      if (rim.signal.aborted) return;
      await rim.clock.sleep(pauseAfter(error), rim.signal);
    }
  }
}
