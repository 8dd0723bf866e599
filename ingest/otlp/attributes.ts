import { KybernError } from '../../model/index.ts';
import type { WireReader } from '../wire/wire-reader.ts';
import { anyValueText } from './any-value.ts';

/** What parsing attributes is held to: a part of the section `ingest.limits`. */
export interface AttributeLimits {
  readonly labels: number;
  readonly nestingDepth: number;
}

/**
 * Reads every KeyValue in field `field` of the message that the reader stands in; the last of a key wins. Throws
 * KYBERN_LABELS_LIMIT over the limit, KYBERN_NESTING, KYBERN_BAD_REQUEST where a text is not UTF-8.
 */
export function readAttributes(
  reader: WireReader,
  field: number,
  limits: AttributeLimits,
  into: Map<string, string>,
  wanted: (key: string) => boolean = () => true,
): void {
  while (reader.next()) {
    if (reader.field !== field) {
      reader.skip();
      continue;
    }
    const outer = reader.enter();
    readKeyValue(reader, limits, into, wanted);
    reader.leave(outer);
  }
}

function readKeyValue(
  reader: WireReader,
  limits: AttributeLimits,
  into: Map<string, string>,
  wanted: (key: string) => boolean,
): void {
  let key: string | undefined = '';
  let value = '';
  while (reader.next()) {
    if (reader.field === 1) key = reader.text();
    else if (reader.field === 2 && (key === undefined || key === '' || wanted(key))) {
      const outer = reader.enter();
      value = anyValueText(reader, limits.nestingDepth);
      reader.leave(outer);
    } else reader.skip();
  }
  if (key === undefined) throw new KybernError('KYBERN_BAD_REQUEST', 'an attribute name is not UTF-8');
  if (!wanted(key)) return;
  into.set(key, value);
  if (into.size > limits.labels) throw new KybernError('KYBERN_LABELS_LIMIT', `more than ${limits.labels} attributes`);
}

// What a process or SDK says about itself tells streams of one thing apart that belong together.
const noise = /^(process|telemetry\.sdk|telemetry\.distro|os)\./;

/** Resource attributes that belong to a stream's identity: all but those of the process, the SDK and the OS. */
export function isIdentifying(key: string): boolean {
  return !noise.test(key);
}
