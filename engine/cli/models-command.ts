import { readFile } from 'node:fs/promises';
import {
  KybernError,
  type ModelCard,
  type ModelOverview,
  type ServingChange,
  type TrainingStatus,
} from '../../model/index.ts';
import { systemClock } from '../clock/system-clock.ts';
import { type Address, createKybernClient, type KybernClient, kybernUrl } from './kybern-client.ts';
import { table } from './table.ts';

interface Asked extends Address {
  readonly json: boolean;
}

interface AskedBy extends Asked {
  readonly by?: string;
}

export interface PromoteOptions extends AskedBy {
  readonly reason?: string;
  readonly force: boolean;
}

export interface OfClassOptions extends AskedBy {
  readonly class: string;
}

/** `kybern models list`. */
export async function listModelsCommand(options: Asked): Promise<void> {
  print(options, await clientOf(options).ask<ModelOverview>('GET', '/models'), overviewText);
}

/** `kybern models show ID`. */
export async function showModelCommand(id: string, options: Asked): Promise<void> {
  print(options, await clientOf(options).ask<ModelCard>('GET', `/models/${encodeURIComponent(id)}`), cardText);
}

/** `kybern models import FILE`. */
export async function importModelCommand(file: string, options: OfClassOptions & { note?: string }): Promise<void> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new KybernError('KYBERN_MODEL', `${file} cannot be read`, { cause });
  });
  const body = {
    ...{ class: options.class, onnx: bytes.toString('base64'), by: nameOf(options) },
    ...(options.note === undefined ? {} : { note: options.note }),
  };
  const client = clientOf(options);
  const { id } = await client.ask<ModelCard>('POST', '/models/import', body);
  print(options, await judgedCard(client, id), cardText);
}

/** The card once it is judged, or as it is after ten minutes. */
async function judgedCard(client: KybernClient, id: string): Promise<ModelCard> {
  const untilMs = systemClock.now() + longestJudgingMs;
  for (;;) {
    const card = await client.ask<ModelCard>('GET', `/models/${encodeURIComponent(id)}`);
    if (card.standing !== 'judging' || systemClock.now() >= untilMs) return card;
    await systemClock.sleep(1000);
  }
}

const longestJudgingMs = 600_000;

/** `kybern models promote ID`. */
export async function promoteModelCommand(id: string, options: PromoteOptions): Promise<void> {
  const body = { force: options.force, by: nameOf(options), ...reasonOf(options) };
  const path = `/models/${encodeURIComponent(id)}/promote`;
  print(options, await clientOf(options).ask<ServingChange>('POST', path, body), changeText);
}

/** `kybern models rollback`. */
export async function rollbackModelCommand(options: OfClassOptions & { reason?: string }): Promise<void> {
  const body = { class: options.class, by: nameOf(options), ...reasonOf(options) };
  print(options, await clientOf(options).ask<ServingChange>('POST', '/models/rollback', body), changeText);
}

/** `kybern models train`. */
export async function trainModelCommand(options: OfClassOptions): Promise<void> {
  const body = { class: options.class, by: nameOf(options) };
  print(options, await clientOf(options).ask<TrainingStatus>('POST', '/models/train', body), trainingText);
}

export function overviewText({ serving, models, history, training, processes }: ModelOverview): string {
  const serves = serving.map(({ class: name, match, model, sinceMs }) => [
    ...[name, model, sinceMs === 0 ? '' : timeOf(sinceMs), match.join(' ') || 'all others'],
  ]);
  const there = (processes ?? []).flatMap(({ name, serving: served, classes = [] }) =>
    served.map((one) => [
      ...[name, one.class, one.model, one.sha256.slice(0, 12)],
      classes.find((other) => other.name === one.class)?.match.join(' ') ?? '',
      one.code === undefined ? '' : `${one.code}: ${one.detail ?? ''}`.slice(0, 100),
    ]),
  );
  const versions = models.map((card) => [
    ...[card.id, card.class, card.origin, card.madeMs === 0 ? '' : timeOf(card.madeMs), card.standing],
    ...errorsOf(card),
    card.reason.slice(0, 100),
  ]);
  const changes = history
    .slice(0, 10)
    .map(({ atMs, class: name, from, to, by, reason }) => [timeOf(atMs), name, from, to, by, reason.slice(0, 100)]);
  return [
    table([['CLASS', 'SERVED BY', 'SINCE', 'METRICS'], ...serves]),
    ...(there.length === 0 ? [] : [table([['PROCESS', 'CLASS', 'SERVES', 'SHA-256', 'METRICS', 'ERROR'], ...there])]),
    table([['ID', 'CLASS', 'ORIGIN', 'MADE', 'STANDING', 'ERROR', 'SERVING', 'RIDGE', 'REASON'], ...versions]),
    ...(changes.length === 0 ? [] : [table([['AT', 'CLASS', 'FROM', 'TO', 'BY', 'REASON'], ...changes])]),
    trainingText(training),
  ].join('\n');
}

export function cardText(card: ModelCard): string {
  const { trainedOn, heldOut } = card;
  const rows: (readonly [string, string])[] = [
    ['id', card.id],
    ['class', card.class],
    ['origin', card.origin],
    ['made', card.madeMs === 0 ? 'shipped' : timeOf(card.madeMs)],
    ['sha256', card.sha256],
    ['parent', card.parent ?? 'none'],
    ['standing', `${card.standing}: ${card.reason}`],
  ];
  if (card.by !== undefined) rows.push(['by', card.by]);
  if (card.note !== undefined) rows.push(['note', card.note]);
  if (card.seconds > 0) rows.push(['training', `${Math.round(card.seconds)} s, seed ${card.seed}`]);
  if (trainedOn !== undefined) {
    const { points, series, fromMs, untilMs } = trainedOn;
    rows.push(['history', `${points} points of ${series} series, ${timeOf(fromMs)} to ${timeOf(untilMs)}`]);
  }
  if (heldOut !== undefined) {
    const { candidate, serving, ridge, lastValue, points, series } = heldOut;
    rows.push(['held back', `${points} points of ${series} series; mean absolute errors in scales:`]);
    rows.push(['  this model', shown(candidate)], [`  ${card.against ?? 'serving'}`, shown(serving)]);
    rows.push(['  linear', shown(ridge)], ['  last value', shown(lastValue)]);
  }
  return table(rows);
}

export function changeText({ class: name, from, to, by, reason }: ServingChange): string {
  return `${to} serves class ${name} now, in place of ${from} (${by}: ${reason})\n`;
}

export function trainingText({
  state,
  series,
  ofSeries,
  epoch,
  of,
  share,
  etaMs,
  lossNow,
  last,
  ...rest
}: TrainingStatus): string {
  const parts = [
    `training: ${state}${rest.class === undefined ? '' : ` for ${rest.class}`}`,
    series === undefined ? undefined : `${series} of ${ofSeries} series read`,
    epoch === undefined ? undefined : `pass ${epoch}${of === undefined ? '' : ` of at most ${of}`}`,
    lossNow === undefined ? undefined : `loss ${shown(lossNow)}`,
    share === undefined ? undefined : `${(share * 100).toFixed(0)} % of a core`,
    etaMs === undefined ? undefined : `at most ${Math.ceil(etaMs / 60_000)} min more`,
    last === undefined ? undefined : `before: ${last}`,
  ];
  return `${parts.filter((part) => part !== undefined).join(', ')}\n`;
}

function errorsOf({ heldOut }: ModelCard): readonly string[] {
  return heldOut === undefined ? ['', '', ''] : [heldOut.candidate, heldOut.serving, heldOut.ridge].map(shown);
}

function shown(figure: number): string {
  return figure.toPrecision(4);
}

function timeOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ');
}

function clientOf(options: Address): KybernClient {
  return createKybernClient(kybernUrl(options));
}

function reasonOf({ reason }: { readonly reason?: string }) {
  return reason === undefined ? {} : { reason };
}

function nameOf({ by }: AskedBy): string {
  return by ?? process.env.USER ?? 'cli';
}

function print<T>({ json }: Asked, value: T, text: (value: T) => string): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : text(value));
}
