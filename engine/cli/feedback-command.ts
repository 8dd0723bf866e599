import { describeEntity, type Feedback, KybernError, type Page } from '../../model/index.ts';
import { type Address, createKybernClient, type KybernClient, kybernUrl } from './kybern-client.ts';
import { table } from './table.ts';

interface Asked extends Address {
  readonly json: boolean;
}

export interface ListFeedbackOptions extends Asked {
  readonly state?: string;
  readonly series?: string;
  readonly limit: number;
}

export interface SayFeedbackOptions extends Asked {
  readonly note?: string;
  readonly by?: string;
}

export interface MissedOptions extends SayFeedbackOptions {
  readonly series?: string;
  readonly entity?: string;
  readonly metric?: string;
  readonly from: string;
  readonly to: string;
}

/** `kybern feedback list`: what operators said, newest first. */
export async function listFeedbackCommand(options: ListFeedbackOptions): Promise<void> {
  const items = await listFeedback(clientOf(options), options);
  print(options, items, feedbackTable);
}

/** `kybern feedback add not-an-anomaly|confirmed ID`. */
export async function judgeCommand(verdict: string, anomaly: string, options: SayFeedbackOptions): Promise<void> {
  const path = `/anomalies/${encodeURIComponent(anomaly)}/feedback`;
  const body = { verdict: verdict.replaceAll('-', '_'), ...said(options) };
  print(options, await clientOf(options).ask<Feedback>('POST', path, body), feedbackText);
}

/** `kybern feedback add missed`. */
export async function reportMissedCommand(options: MissedOptions): Promise<void> {
  const { series, entity, metric, from, to } = options;
  const body = { ...defined({ series, entity, metric }), from, to, ...said(options) };
  print(options, await clientOf(options).ask<Feedback>('POST', '/feedback/missed', body), feedbackText);
}

/** `kybern feedback undo ID`. */
export async function undoFeedbackCommand(id: string, options: SayFeedbackOptions): Promise<void> {
  const path = `/feedback/${encodeURIComponent(id)}`;
  print(options, await clientOf(options).ask<Feedback>('DELETE', path, { by: nameOf(options) }), feedbackText);
}

/** Page by page, until there are enough. */
export async function listFeedback(
  client: KybernClient,
  { state, series, limit }: Pick<ListFeedbackOptions, 'state' | 'series' | 'limit'>,
): Promise<readonly Feedback[]> {
  if (!(Number.isInteger(limit) && limit >= 1)) throw new KybernError('KYBERN_BAD_REQUEST', '--limit is from 1 on');
  const items: Feedback[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams(
      defined({ state, series, cursor, limit: String(Math.min(limit - items.length, pageItems)) }),
    );
    const page = await client.ask<Page<Feedback>>('GET', `/feedback?${query}`);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined && items.length < limit);
  return items;
}

const pageItems = 200;

export function feedbackTable(items: readonly Feedback[]): string {
  const rows = items.map(({ at, id, state, verdict, entity, metric, by, note = '' }) =>
    [at, id, state, verdict, describeEntity(entity), metric, by, note].map((cell) => cell.slice(0, 100)),
  );
  const head = ['AT', 'ID', 'STATE', 'VERDICT', 'ENTITY', 'METRIC', 'BY', 'NOTE'];
  return `${table([head, ...rows])}${items.length} said\n`;
}

/** One piece, as whoever said it wants to know it: its id to undo it by, and what it changes. */
export function feedbackText({ id, state, verdict, entity, metric, effect }: Feedback): string {
  return table([[`${id}  ${state}  ${verdict}  ${metric} of ${describeEntity(entity)}`], [effect]]);
}

function clientOf(options: Address): KybernClient {
  return createKybernClient(kybernUrl(options));
}

function said(options: SayFeedbackOptions) {
  return { by: nameOf(options), ...defined({ note: options.note }) };
}

function nameOf({ by }: SayFeedbackOptions): string {
  return by ?? process.env.USER ?? 'cli';
}

function defined(members: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(members).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function print<T>({ json }: Asked, value: T, text: (value: T) => string): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : text(value));
}
